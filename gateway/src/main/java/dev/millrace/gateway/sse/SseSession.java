package dev.millrace.gateway.sse;

import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.session.Listed;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionView;
import dev.millrace.hub.Session;
import dev.millrace.hub.SessionTransport;
import dev.millrace.hub.SubscribeOutcome;
import dev.millrace.hub.TopicStats;
import dev.millrace.hub.Wanted;
import dev.millrace.net.Loop;
import dev.millrace.net.http.PushAnswer;
import dev.millrace.net.http.PushStream;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One connection that receives server-sent events: between the HTTP answer and its session in the
/// hub. Confined to the connection's loop once it is opened, but for [#close].
///
/// Whoever cannot keep up is cut off before anything would be left out, comes back with the id of
/// the last event it has got, and goes on behind that.
final class SseSession implements PushStream, SessionTransport, Listed {
  private static final String KIND = "sse";
  private static final String STOPPING = ": the server stops; come back later\n\n";

  private final SseEndpoint endpoint;
  private final SseRequest request;
  private final AtomicBoolean over = new AtomicBoolean(); // whoever ends it first

  private final String id = SessionKind.SSE.newId();
  private final long connectedMillis;

  // Written once by the loop; closing may come from any thread.
  private volatile @Nullable PushAnswer answer;
  private @Nullable Session session;
  private @Nullable Progress progress;
  private SseForm form = SseForm.SSE;
  private boolean moved; // events were written since the last id
  private int quietSeconds;
  private long sentBytes;

  SseSession(SseEndpoint endpoint, SseRequest request) {
    this.endpoint = endpoint;
    this.request = request;
    this.connectedMillis = endpoint.nowMillis();
  }

  // The connection.

  @Override
  public void opened(PushAnswer out) {
    form = SseForm.of(out.isChunked(), request.topics().size() == 1);
    answer = out;
    var opened = endpoint.join(this, out.loop(), form);
    session = opened;
    if (over.get()) {
      release(); // it was closed meanwhile
      return;
    }
    var known = new Progress(endpoint.hub(), request.topics()); // before: what comes then counts
    progress = known;
    opened.subscribeTo(
        request.topics().stream().map(this::wanted).toList(),
        outcomes -> subscribed(known, outcomes));
  }

  /// A topic that the client has had is gone on with behind its last event; without one it is told
  /// where the topic begins for it.
  private Wanted wanted(String topic) {
    if (!request.isReturning()) {
      return Wanted.all(topic);
    }
    var stats = endpoint.hub().topic(topic);
    int epoch = stats.map(TopicStats::epoch).orElse(0);
    return request.from().stream()
        .filter(position -> stats.isPresent() && position.epoch() == epoch)
        .findFirst()
        .map(position -> Wanted.all(topic).after(position.inTopic()))
        .orElseGet(() -> Wanted.all(topic).after(dev.millrace.hub.Position.NONE));
  }

  @Override
  public void writable() {
    if (session != null) {
      session.writable();
    }
  }

  /// Ends the connection, whoever wants that: the client has gone, its credentials have ended, or
  /// the server stops.
  @Override
  public void close() {
    if (over.compareAndSet(false, true)) {
      endpoint.left();
      var out = answer;
      if (out != null) {
        out.loop().execute(this::release);
      }
    }
  }

  /// The server stops. On the loop.
  void restart() {
    if (answer != null && !over.get()) {
      answer.write(form.frame(STOPPING));
      endpoint.closed("restart");
      close();
    }
  }

  // The hub.

  @Override
  public void write(ByteBuf frames) {
    quietSeconds = 0;
    sentBytes += frames.readableBytes();
    var known = progress;
    if (request.topics().size() > 1 && known != null) {
      note(known, frames);
    }
    if (answer == null) {
      frames.release();
    } else {
      answer.write(frames);
    }
  }

  private void note(Progress known, ByteBuf frames) {
    if (known.isCatchingUp()) {
      form.positions(frames, known::reached); // of more than one topic
      moved = true;
      return;
    }
    var position = form.lastPosition(frames);
    if (position != null) {
      known.reached(position);
      moved = true;
    }
  }

  @Override
  public boolean flush() {
    var out = answer;
    if (out == null) {
      return true;
    }
    if (moved && progress != null) {
      moved = false;
      // An event without data is not dispatched, and still sets the id.
      out.write(form.frame("id: " + progress.id() + "\n\n"));
    }
    return out.flush();
  }

  @Override
  public boolean maySkip() {
    return false;
  }

  @Override
  public void close(int code, String reason) {
    if (over.compareAndSet(false, true)) {
      endpoint.left();
      endpoint.closed("slow");
      endpoint.kills().killed(KIND, request.name(), Kills.BACKPRESSURE, reason);
      var out = answer;
      if (out != null) {
        endpoint.forget(out.loop(), this);
        out.abort();
      }
    }
  }

  // Time.

  /// Once a second, on the loop.
  void second(int heartbeatSeconds) {
    if (++quietSeconds >= heartbeatSeconds && session != null) {
      quietSeconds = 0;
      session.send(form.frame(":\n\n")); // one that is too slow for it is not owed any
    }
  }

  private void subscribed(Progress known, List<SubscribeOutcome> outcomes) {
    var topics = request.topics();
    known.learn();
    var greeting = new Greeting(outcomes);
    for (int i = 0; i < topics.size(); i++) {
      if (outcomes.get(i) instanceof SubscribeOutcome.Resumed resumed) {
        resumed(known, greeting, i, resumed);
      }
    }
    if (session != null) {
      session.send(form.frame(greeting.lines(endpoint.retryMillis(), known.id())));
    }
  }

  /// What was missed follows the greeting, so the id is still that of the last event before.
  private void resumed(
      Progress known, Greeting greeting, int number, SubscribeOutcome.Resumed resumed) {
    var end = new Position(resumed.epoch(), resumed.offset());
    var from = end;
    if (resumed.recovered()) {
      from =
          request.from().stream()
              .filter(position -> position.epoch() == resumed.epoch())
              .findFirst()
              .orElse(end);
    }
    known.resumed(number, from, end.offset());
    endpoint.resumed(resumed.recovered());
    greeting.resumed(resumed.topic(), end, resumed.recovered());
  }

  /// Ends the connection if one of its topics is not `allowed` any more. On the loop.
  void recheck(Predicate<String> allowed) {
    if (!request.topics().stream().allMatch(allowed)) {
      endpoint.closed("forbidden");
      close();
    }
  }

  Caller caller() {
    return request.caller();
  }

  // For operators.

  @Override
  public String id() {
    return id;
  }

  @Override
  public Loop loop() {
    return java.util.Objects.requireNonNull(answer, "it is listed once it has opened").loop();
  }

  @Override
  public List<String> topics() {
    return request.topics();
  }

  @Override
  public SessionView view() {
    long lag = session == null ? 0 : session.lagMessages();
    return new SessionView(
        id,
        SessionKind.SSE,
        request.anonymous() ? null : request.name(),
        lag > 0 ? SessionView.BACKPRESSURED : SessionView.CONNECTED,
        request.topics().size(),
        lag,
        Math.max(0, (endpoint.nowMillis() - connectedMillis) / 1_000),
        session == null ? 0 : session.delivered(),
        sentBytes,
        0,
        0,
        0,
        null,
        null);
  }

  /// There is no close code here: a browser comes back, whatever it is told.
  @Override
  public void kicked(int code, String reason) {
    if (!over.get()) {
      endpoint.closed("kicked");
      endpoint.kills().killed(KIND, id, Kills.KICKED, reason);
      close();
    }
  }

  private void release() {
    if (session != null) {
      session.close();
    }
    var out = answer;
    if (out != null) {
      endpoint.forget(out.loop(), this);
      out.end();
    }
  }
}
