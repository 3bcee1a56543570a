package dev.millrace.gateway.sse;

import dev.millrace.gateway.event.Kills;
import dev.millrace.hub.Session;
import dev.millrace.hub.SessionTransport;
import dev.millrace.hub.SubscribeOutcome;
import dev.millrace.net.http.PushAnswer;
import dev.millrace.net.http.PushStream;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// One connection that receives server-sent events: between the HTTP answer and its session in the
/// hub. Confined to the connection's loop once it is opened, but for [#close].
///
/// Whoever cannot keep up is cut off before anything would be left out, comes back with the id of
/// the last event it has got, and goes on behind that.
final class SseSession implements PushStream, SessionTransport {
  private static final String KIND = "sse";
  private static final String STOPPING = ": the server stops; come back later\n\n";

  private final SseEndpoint endpoint;
  private final SseRequest request;
  private final AtomicBoolean over = new AtomicBoolean(); // whoever ends it first

  // Written once by the loop; closing may come from any thread.
  private volatile @Nullable PushAnswer answer;
  private @Nullable Session session;
  private @Nullable Progress progress;
  private SseForm form = SseForm.SSE;
  private boolean moved; // events were written since the last id
  private int quietSeconds;

  SseSession(SseEndpoint endpoint, SseRequest request) {
    this.endpoint = endpoint;
    this.request = request;
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
    opened.subscribe(request.topics(), outcomes -> subscribed(known, outcomes));
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
    var known = progress;
    if (request.topics().size() > 1 && known != null) {
      var position = form.lastPosition(frames);
      if (position != null) {
        known.reached(position);
        moved = true;
      }
    }
    if (answer == null) {
      frames.release();
    } else {
      answer.write(frames);
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
      if (request.isReturning()) {
        resumed(greeting, topics.get(i));
      }
    }
    if (session != null) {
      session.send(form.frame(greeting.lines(endpoint.retryMillis(), known.id())));
    }
  }

  /// Nothing was missed where the topic still ends at the last event that the client has got.
  private void resumed(Greeting greeting, String topic) {
    var stats = endpoint.hub().topic(topic);
    if (stats.isPresent()) {
      var now = new Position(stats.get().epoch(), stats.get().offset());
      boolean recovered = request.from().contains(now);
      endpoint.resumed(recovered);
      greeting.resumed(topic, now, recovered);
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
