package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.Closing;
import dev.millrace.net.Deadlines.Deadline;
import dev.millrace.net.EventLoops;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import dev.millrace.net.NetSpec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP connection: one request at a time, answers in order, every wait with a deadline. After
/// an accepted WebSocket handshake it takes itself out of the pipeline. Confined to the loop.
final class HttpConnection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

  /// Parts of pipelined requests that may wait while one is answered.
  private static final int MAX_WAITING = 4_096;

  private enum State {
    /// Between requests, or inside a head that is not complete.
    HEAD,
    BODY,
    /// The service has the request.
    ANSWERING,
    /// The last answer is written; the rest is read and thrown away.
    CLOSING
  }

  private final EventLoops loops;
  private final HttpService service;
  private final Loop loop;
  private final Channel channel;
  private final Deadline deadline;
  private final BodyCollector body;
  private final RequestDecoder decoder;
  private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>(0);
  private NetSpec spec; // renewed with each request
  private State state = State.HEAD;
  private @Nullable RequestHead head;
  private @Nullable LongAnswer sending;
  private boolean arrived; // with a whole head, of whatever request
  private boolean headBegun;
  private boolean keepAlive;
  private boolean chunks; // the client knows them
  private boolean inRead;
  private boolean draining;
  private boolean inputEnded;
  private long unwritten;

  HttpConnection(EventLoops loops, HttpService service, Loop loop, Channel channel) {
    this.loops = loops;
    this.spec = loops.spec();
    this.service = service;
    this.loop = loop;
    this.channel = channel;
    this.deadline = loop.deadlines().create(this::deadlineMissed);
    this.body = new BodyCollector(loop.incompleteInput());
    this.decoder = new RequestDecoder(spec, this, loop.incompleteInput());
  }

  /// Takes over the channel's pipeline.
  void begin() {
    channel.pipeline().addLast(decoder, this);
    deadline.set(spec.headerTimeout());
  }

  /// Whether a head has begun and is not complete.
  boolean isInsideHead() {
    return state == State.HEAD && headBegun;
  }

  void bytesArrived(Object read) {
    if (read instanceof ByteBuf bytes) {
      loop.countRead(bytes.readableBytes());
    }
    inRead = true;
    if (state == State.HEAD && !headBegun) {
      headBegun = true;
      spec = loops.spec();
      deadline.set(spec.headerTimeout());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    if (state == State.CLOSING || !(read instanceof HttpObject part)) {
      ReferenceCountUtil.release(read);
    } else if (state != State.ANSWERING) {
      take(part);
    } else if (waiting.size() < MAX_WAITING) {
      waiting.add(part);
      channel.config().setAutoRead(false); // also where it was on to see the client leave
    } else {
      ReferenceCountUtil.release(part);
      Closing.now(channel);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    inRead = false;
    flush();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (Closing.isEndOfInput(event)) {
      inputEnded = true;
      if (state != State.ANSWERING || watchesClient()) {
        Closing.now(channel);
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    state = State.CLOSING;
    release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("An HTTP connection failed and is closed", cause);
    Closing.now(channel);
  }

  private void take(HttpObject part) {
    try {
      if (part.decoderResult().isFailure()) {
        reject(Rejection.undecoded(part.decoderResult(), spec));
        return;
      }
      if (part instanceof HttpRequest request) {
        takeHead(request);
      }
      if (part instanceof HttpContent content && state == State.BODY) {
        takeBody(content);
      }
    } finally {
      ReferenceCountUtil.release(part);
    }
  }

  private void takeHead(HttpRequest request) {
    headBegun = true;
    decoder.releaseHead();
    if (!arrived) {
      arrived = true;
      loops.arrived(channel);
    }
    spec = loops.spec();
    try {
      head = RequestHeads.of(request, channel);
    } catch (RequestHeads.Malformed malformed) {
      reject(Rejection.malformed(malformed));
      return;
    }
    keepAlive = HttpUtil.isKeepAlive(request);
    chunks = request.protocolVersion().minorVersion() > 0;
    if (HttpUtil.getContentLength(request, 0L) > spec.maxRequestBody().bytes()) {
      reject(Rejection.bodyTooLong(spec));
      return;
    }
    var expectation = head.header("expect").orElse("");
    if (!expectation.isEmpty() && !expectation.equalsIgnoreCase("100-continue")) {
      reject(Rejection.EXPECTATION);
      return;
    }
    var refusal = RequestHeads.announcesLongBody(request) ? service.refusal(head) : null;
    if (refusal != null) {
      end(refusal, head.method().equals("HEAD"));
      return;
    }
    state = State.BODY;
    body.begin(spec.maxRequestBody().toIntExact());
    deadline.set(spec.bodyTimeout());
    if (HttpUtil.is100ContinueExpected(request)) {
      write(ResponseWriter.interim(loop.allocator(), 100));
      flush();
    }
  }

  private void takeBody(HttpContent content) {
    switch (body.add(content.content())) {
      case TAKEN -> {
        if (content instanceof LastHttpContent) {
          complete();
        }
      }
      case OVER_LIMIT -> reject(Rejection.bodyTooLong(spec));
      case OUT_OF_MEMORY -> reject(Rejection.OUT_OF_MEMORY);
    }
  }

  private void complete() {
    deadline.clear();
    state = State.ANSWERING;
    var request = head;
    head = null;
    if (request == null) {
      throw new IllegalStateException("a body without a head");
    }
    var bytes = body.take();
    if (WebSocketDoor.isHandshake(request)) {
      new OpeningHandshake(this, service, loop, channel, request).begin();
      return;
    }
    boolean withoutBody = request.method().equals("HEAD");
    var exchange = new HttpExchange(request, bytes, loop, answer -> answered(answer, withoutBody));
    try {
      service.serve(exchange);
    } catch (RuntimeException failure) {
      loop.metrics().counter(NetMetric.CALLBACK_FAILURES).inc();
      log.error("The service failed on {} {}", request.method(), request.path(), failure);
      exchange.respond(failure());
    }
    if (state == State.ANSWERING && !watchesClient()) {
      channel.config().setAutoRead(false); // the peer waits, not our memory
    }
  }

  void answered(Response answer, boolean withoutBody) {
    if (state != State.ANSWERING) { // the client has left
      switch (answer.source()) {
        case Response.Source.TemporaryFile(var file) -> loops.files().delete(file);
        case Response.Source.Live(var stream) -> stream.close();
        case null -> {}
      }
      return;
    }
    switch (answer.source()) {
      case Response.Source.TemporaryFile(var file) ->
          send(
              new FileAnswer(this, loops.files(), loop, answer, file, withoutBody),
              spec.maxFileAnswers(),
              "files",
              withoutBody);
      case Response.Source.Live(var stream) when inputEnded && !withoutBody -> {
        stream.close(); // nobody would tell us that the client has left, if it has not yet
        close();
      }
      case Response.Source.Live(var stream) -> {
        keepAlive &= chunks;
        // Somebody who has sent more than this request is not watched, and found out by writing.
        channel.config().setAutoRead(waiting.isEmpty());
        var live =
            stream instanceof PushStream pushed
                ? new PushAnswer(this, loop, answer, pushed, chunks, withoutBody)
                : new LiveAnswer(this, loops.live(), loop, answer, stream, chunks, withoutBody);
        send(live, spec.maxLiveAnswers(), "answers without an end", withoutBody);
      }
      case null -> {
        respond(answer, withoutBody);
        goOn();
      }
    }
  }

  private boolean watchesClient() {
    return sending != null && sending.watchesClient();
  }

  /// Whether the client's socket has taken everything.
  boolean hasSentAll() {
    return ResponseWriter.unwritten(channel) == 0;
  }

  private void send(LongAnswer answer, int limit, String kind, boolean withoutBody) {
    sending = answer;
    if (!answer.begin(limit)) {
      sending = null;
      var words = "too many " + kind + " are on their way to clients; try again later";
      respond(Response.failure(503, "OVERLOADED", words), withoutBody);
      goOn();
    }
  }

  boolean isKeptAlive() {
    return keepAlive;
  }

  void writeChunk(ByteBuf chunk, ChannelFutureListener whenWritten) {
    loop.countWritten(chunk.readableBytes());
    channel.write(chunk).addListener(whenWritten);
  }

  /// The client has taken a whole chunk: its time to take something begins anew.
  void progressed() {
    deadline.clear();
  }

  void sent() {
    sending = null;
    goOn();
  }

  /// The body could not be had. Within it nothing but the end of the connection tells so.
  void sendingFailed(boolean begun) {
    sending = null;
    if (begun) {
      Closing.now(channel);
    } else {
      respond(failure(), false);
      goOn();
    }
  }

  Response failure() {
    return service.malformed(500, "INTERNAL", "the server failed; its log says why");
  }

  private void goOn() {
    if (!keepAlive || (inputEnded && waiting.isEmpty())) {
      close();
      return;
    }
    state = State.HEAD;
    headBegun = false;
    if (!draining) {
      drainWaiting();
    }
  }

  /// Goes on with what came while an answer was due. An answer given at once comes back into
  /// [#answered], which leaves the rest to this loop: however many wait, the stack stays flat.
  private void drainWaiting() {
    draining = true;
    while (state != State.ANSWERING && state != State.CLOSING && !waiting.isEmpty()) {
      take(waiting.remove());
    }
    draining = false;
    if (state == State.HEAD) {
      headBegun = decoder.holdsBytes();
      deadline.set(headBegun ? spec.headerTimeout() : spec.keepAlive());
    }
    if (state == State.HEAD || state == State.BODY) {
      channel.config().setAutoRead(true);
    }
  }

  /// Whether the client still waits for an answer.
  boolean isAnswering() {
    return state == State.ANSWERING;
  }

  boolean hasInputEnded() {
    return inputEnded;
  }

  /// Whether more has come behind the request that is being answered.
  boolean holdsMore() {
    return !waiting.isEmpty();
  }

  /// Leaves the pipeline to what `successor` puts there.
  void leaveTo(Runnable successor) {
    release();
    channel.config().setAutoRead(true);
    channel.pipeline().remove(this);
    successor.run();
    channel.pipeline().remove(decoder); // last: hands bytes that came early to the new owner
  }

  /// Answers what never became a request, and closes: nobody knows where the next one would begin.
  void reject(Rejection rejection) {
    loop.metrics().counter(NetMetric.HTTP_REJECTED, rejection.reason()).inc();
    end(rejection.answer(service), false);
  }

  private void end(Response answer, boolean withoutBody) {
    keepAlive = false;
    respond(answer, withoutBody);
    close();
  }

  private void respond(Response answer, boolean withoutBody) {
    try {
      write(ResponseWriter.encode(loop.allocator(), answer, withoutBody, keepAlive));
      count(answer.status());
    } catch (IllegalArgumentException split) {
      loop.metrics().counter(NetMetric.CALLBACK_FAILURES).inc();
      log.error("An answer was refused", split);
      write(ResponseWriter.encode(loop.allocator(), failure(), withoutBody, keepAlive));
      count(500);
    }
    if (!inRead) {
      flush();
    }
  }

  private void close() {
    release();
    state = State.CLOSING;
    flush();
    deadline.set(spec.closeTimeout());
    Closing.afterLastBytes(channel, inputEnded);
  }

  void write(ByteBuf bytes) {
    loop.countWritten(bytes.readableBytes());
    var _ = channel.write(bytes, channel.voidPromise());
  }

  void flush() {
    channel.flush();
    unwritten = ResponseWriter.unwritten(channel);
    if (unwritten > 0 && !deadline.isSet()) {
      deadline.set(spec.writeTimeout());
    }
  }

  private void deadlineMissed() {
    long pending = ResponseWriter.unwritten(channel);
    if (pending > 0 && pending < unwritten) {
      unwritten = pending; // slow, but it takes something
      deadline.set(spec.writeTimeout());
    } else if (pending == 0 && state == State.ANSWERING) {
      unwritten = 0; // what was slow has gone out; the service has its own deadline
    } else if ((state == State.HEAD && headBegun) || state == State.BODY) {
      reject(Rejection.TOO_SLOW);
    } else {
      Closing.now(channel);
    }
  }

  void count(int status) {
    loop.metrics().counter(NetMetric.HTTP_REQUESTS, status / 100 + "xx").inc();
  }

  private void release() {
    deadline.clear();
    if (sending != null) {
      sending.abandon();
      sending = null;
    }
    body.clear();
    decoder.releaseHead();
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
  }
}
