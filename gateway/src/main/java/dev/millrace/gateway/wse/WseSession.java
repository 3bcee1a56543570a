package dev.millrace.gateway.wse;

import dev.millrace.core.route.Principal;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.inbound.ClientMessage;
import dev.millrace.gateway.inbound.InboundSink;
import dev.millrace.gateway.wse.codec.FreshTimestamp;
import dev.millrace.gateway.wse.codec.InboundFrames;
import dev.millrace.gateway.wse.codec.Unframed;
import dev.millrace.hub.Message;
import dev.millrace.hub.Session;
import dev.millrace.hub.SessionTransport;
import dev.millrace.net.Loop;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One connection that speaks the dialect: between the socket and its session in the hub. What its
/// messages do is in the handlers of [MessageTable]; what they need of the connection is at the end
/// of this class. Confined to the connection's loop.
final class WseSession implements WebSocketListener, SessionTransport, InboundSink.Respondent {
  private static final int MAX = Handshake.MAX_MESSAGE;

  /// What a key of ours costs, in messages: it takes some hundred times as long.
  private static final int KEY_COST = 100;

  private final WseContext context;
  private final Workbench bench;
  private final WebSocketConnection connection;
  private final Session session;
  private final TokenBucket bucket;
  private final LeaseWatch.Watched watched;
  private final ClientState client;
  private final Answers answers;
  private final Ending ending;
  private @Nullable ClientInfo arriving; // until the greeting
  private @Nullable Intake intake; // once something came
  private @Nullable SessionPublisher publisher; // once it publishes
  private boolean respondent; // programs know it, because they got a message of it
  private int silentBeats;
  private boolean free; // the message in hand has cost no token
  private int pulseGroup;
  private int pulseSlot;

  WseSession(
      WseContext context,
      Workbench bench,
      WebSocketConnection connection,
      ClientInfo arriving,
      Lease lease) {
    this.context = context;
    this.bench = bench;
    this.connection = connection;
    this.arriving = arriving;
    this.client = new ClientState(arriving, context);
    this.bucket = new TokenBucket(context.spec().rateLimit(), context.clock.nanoTime());
    var lane = context.laneOf(client.facts());
    var port = new LoopPort(connection.loop());
    this.session = context.hub.open(port, WseEnvelope.INSTANCE.name(), context.form(lane), this);
    this.answers = new Answers(this, bench, lane);
    this.ending = new Ending(this, connection);
    bench.enter(this);
    this.watched = context.leases.watch(connection.loop(), lease, ending::leaseEnded);
  }

  // The socket.

  @Override
  public void opened() {
    var info = arriving;
    arriving = null; // tens of thousands of idle connections need not keep it
    if (info == null) {
      return;
    }
    context.counters.opened.inc();
    session.refreshStaleWith(FreshTimestamp.INSTANCE);
    if (context.isPersonal(client.facts()) || client.facts().msgpack()) {
      answers.settingsChanged();
    }
    if (context.isClosing()) {
      ending.restart();
      return;
    }
    Comeback.replaceOldest(this);
    var key = HelloMessages.offer(this);
    var ready = context.terms().handshake().ready(info, key, Comeback.token(this));
    send("server_ready", ready, null);
    var topics = info.topics();
    if (topics == null) {
      Comeback.restore(this);
    } else if (!topics.isEmpty()) {
      SubscriptionMessages.subscribe(this, topics, SubscribeOptions.PLAIN);
    }
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    silentBeats = 0;
    int size = payload.readableBytes();
    client.receivedMessages++;
    client.receivedBytes += size;
    if (size > MAX) {
      tooLarge("A message of " + size + " bytes exceeds " + MAX);
      return;
    }
    // A short message stands in an array already, which is the loop's.
    boolean lent = payload.hasArray() && payload.arrayOffset() == 0 && payload.readerIndex() == 0;
    var bytes = lent ? payload.array() : ByteBufUtil.getBytes(payload);
    free = !bucket.takeKnown();
    if (free && !InboundDecoder.looksLikePing(bytes, size) && !takeToken()) {
      return;
    }
    var inbound =
        InboundFrames.isFramed(bytes, size, client.facts().msgpack())
            ? unframed(lent ? Arrays.copyOf(bytes, size) : bytes)
            : InboundDecoder.decode(
                bytes, size, lent ? bench.request() : Inbound.Request.kept(), text);
    if (inbound != null && (!free || inbound.isPing() || takeToken())) {
      intake().take(inbound);
    }
  }

  /// What stands in a message with a framing; null if it has been dealt with, because it cannot be
  /// read.
  private @Nullable Inbound unframed(byte[] bytes) {
    var cipher = client.cipher;
    var keys = cipher == null ? null : cipher.keys();
    switch (bench.inbound().unframe(bytes, client.facts().msgpack(), keys)) {
      case Unframed.Text(var plain) -> {
        if (bytes[0] == 'E') {
          answers.opened();
        }
        client.inflated += bytes[0] == 'C' ? 1 : 0;
        return InboundDecoder.decode(plain);
      }
      case Unframed.TooLarge _ -> tooLarge("A message that unpacks to more than " + MAX + " bytes");
      case Unframed.Refused(var reason) -> intake().take(new Inbound.Malformed(reason.sentence()));
    }
    client.notInflated += bytes[0] == 'C' ? 1 : 0;
    return null;
  }

  @Override
  public void readComplete() {
    if (publisher != null) {
      publisher.flush();
    }
  }

  @Override
  public void writable() {
    session.writable();
    if (client.snapshots != null) {
      client.snapshots.goOnNow();
    }
    answers.writable();
  }

  @Override
  public void closed(int code, String reason) {
    watched.forget();
    bench.leave(this);
    boolean clean =
        !ending.hasBegun()
            && (code == CloseCode.NORMAL
                || code == CloseCode.GOING_AWAY
                || code == CloseCode.NO_CODE);
    context.counters.ended(ending.hasBegun(), clean).inc();
    Comeback.left(this, clean);
    context.connections.decrementAndGet(); // what it leaves to the next is there
    answers.close();
    CipherMessages.forget(this);
    ChannelAccess.forget(this);
    if (respondent) {
      context.inbound.gone(connectionId());
    }
    session.close();
  }

  // The hub.

  @Override
  public void write(ByteBuf frames) {
    client.sentBytes += frames.readableBytes();
    connection.write(frames);
  }

  @Override
  public boolean flush() {
    connection.flush();
    return connection.unfinished() == 0;
  }

  @Override
  public void skipped(String topic, int epoch, long offset) {
    SubscriptionMessages.skipped(this, topic, epoch, offset);
  }

  /// The hub gives up on a session that is hopelessly behind.
  @Override
  public void close(int code, String reason) {
    ending.behind(code, reason);
  }

  // Time.

  /// Once per heartbeat interval.
  void beat() {
    var interval = context.spec().heartbeatInterval();
    if (interval.multipliedBy(silentBeats).compareTo(context.spec().idleTimeout()) >= 0) {
      ending.idle();
      return;
    }
    silentBeats++;
    long now = context.frames.now();
    // A client that is too slow for heartbeats is told by what it does receive; none is owed.
    notice("heartbeat", SystemFrames.object().put("timestamp", now).put("sequence", framesSent()));
    noticeBare("PING", SystemFrames.object().put("timestamp", now));
    HealthMessages.reportQuality(this);
    CipherMessages.rotateIfDue(this);
    Comeback.beat(this);
  }

  // Limits.

  private void tooLarge(String sentence) {
    context.counters.tooLarge.inc();
    client.protocolErrors++;
    reply(context.frames.tooLarge(sentence, MAX, connectionId()));
  }

  /// Whether one more message may be handled; if not, the client is told once a second.
  boolean takeToken() {
    long now = context.clock.nanoTime();
    if (bucket.take(now)) {
      free = false;
      return true;
    }
    context.counters.limited.inc();
    client.dropped++;
    if (bucket.warnNow(now)) {
      send("rate_limit_warning", RateLimitWarning.payload(context.spec().rateLimit()), null);
    }
    return false;
  }

  /// A key is made for it.
  void chargeForKey() {
    bucket.charge(KEY_COST);
  }

  /// The message was a ping, which costs nothing.
  void giveTokenBack() {
    if (!free) {
      bucket.giveBack();
      free = true;
    }
  }

  // For the handlers.

  WseContext context() {
    return context;
  }

  Session hubSession() {
    return session;
  }

  ClientState client() {
    return client;
  }

  Answers answers() {
    return answers;
  }

  Ending ending() {
    return ending;
  }

  Intake intake() {
    intake = intake == null ? new Intake(this) : intake;
    return intake;
  }

  String connectionId() {
    return client.name().connectionId();
  }

  String userId() {
    return client.name().userId();
  }

  Subscriptions.Subscriber subscriber() {
    return new Subscriptions.Subscriber(
        session, userId(), connectionId(), watched.lease(), client.grants());
  }

  /// The client answered a ping of `serverMillis`.
  void answeredPing(long serverMillis) {
    context.counters.pings.inc();
    long latency = context.frames.now() - serverMillis;
    if (serverMillis > 0 && latency >= 0) {
      client.addLatency(latency);
    }
  }

  /// Hands programs behind the server what the client sent, if there are any.
  void tellPrograms(Inbound.Request request, String connectionId, long nowMillis) {
    var caller = watched.lease().principal();
    boolean nobody = caller.kind() == Principal.Kind.ANONYMOUS;
    var user = nobody ? connectionId : caller.name();
    if (!respondent) {
      respondent = true;
      context.inbound.introduce(user, connectionId, this);
    }
    context.inbound.offer(
        new ClientMessage(
            user,
            connectionId,
            request.type(),
            request.id(),
            request.correlationId(),
            nowMillis,
            request.payloadBytes()));
  }

  /// A program answers. From any thread.
  @Override
  public void respond(Message message) {
    connection.loop().execute(() -> reply(WseEnvelope.frame(context.signed(message))));
  }

  SessionPublisher publisher() {
    publisher =
        publisher == null ? new SessionPublisher(this, connection, watched.lease()) : publisher;
    return publisher;
  }

  /// Frames handed to the socket so far.
  long framesSent() {
    return client.systemFrames + session.delivered();
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  Loop loop() {
    return connection.loop();
  }

  // Sending.

  void answer(Inbound.Request request, String type, ObjectNode payload) {
    send(type, payload, request.correlationId());
  }

  void error(Inbound.@Nullable Request request, String code, String message) {
    errorTo(request == null ? null : request.correlationId(), code, message);
  }

  void errorTo(@Nullable String correlationId, String code, String message) {
    reply(context.frames.error(code, message, true, connectionId(), correlationId));
  }

  void send(String type, ObjectNode payload, @Nullable String correlationId) {
    reply(context.frames.frame(type, payload, correlationId));
  }

  void reply(ByteBuf frame) {
    answers.reply(frame);
  }

  /// Something the client does without if there is no room; the hub counts it.
  void notice(String type, ObjectNode payload) {
    answers.offer(context.frames.frame(type, payload, null));
  }

  private void noticeBare(String type, ObjectNode payload) {
    answers.offer(context.frames.bare(type, payload, null));
  }

  ObjectNode stateChange(String oldState, String newState) {
    return SystemFrames.object()
        .put("old_state", oldState)
        .put("new_state", newState)
        .put("timestamp", context.frames.nowText())
        .put("connection_id", connectionId());
  }

  void pauseReading() {
    connection.pauseReading();
  }

  void resumeReading() {
    if (!answers.holdReading() && (publisher == null || !publisher.isWaiting())) {
      connection.resumeReading();
    }
  }

  // For the pulse.

  void placed(int group, int slot) {
    pulseGroup = group;
    pulseSlot = slot;
  }

  int pulseGroup() {
    return pulseGroup;
  }

  int pulseSlot() {
    return pulseSlot;
  }
}
