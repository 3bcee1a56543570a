package dev.millrace.systemtest;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One publisher and one subscriber of a topic of their own: how long an event takes through the
/// server, and whether any is missing, while something else goes on.
final class DelayProbe implements AutoCloseable {
  private static final String TOPIC = "delay-probe";
  private static final long PERIOD_NANOS = 1_000_000;
  private static final int LIMIT = 1_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final WebSocket publisher;
  private final WebSocket subscriber;
  private final Receiver receiver = new Receiver();
  private final long[] sentNanos = new long[LIMIT]; // the sender writes before it sends
  private final AtomicInteger sent = new AtomicInteger(); // events; the sender counts
  private final Thread sender;
  private volatile boolean stopped; // written by the test

  private DelayProbe(URI address) {
    var base = "ws" + address.toString().substring("http".length());
    var client = HttpClient.newHttpClient();
    subscriber =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(base + "/wse?topics=" + TOPIC + "&compression=false"), receiver)
            .join();
    publisher =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(base + "/ws/publish/" + TOPIC), new WebSocket.Listener() {})
            .join();
    Await.until(PATIENCE, () -> receiver.subscribed, () -> "the probe was never subscribed");
    sender = Thread.ofPlatform().name("delay-probe").daemon(true).start(this::send);
  }

  /// What a stretch of time came to. Delays in milliseconds.
  record Result(int events, int lost, double median, double p999, double max) {}

  static DelayProbe start(URI address) {
    return new DelayProbe(address);
  }

  int events() {
    return sent.get();
  }

  /// The events from number `from` until now; waits for those under way.
  Result since(int from) {
    int to = sent.get();
    Await.until(
        PATIENCE,
        () -> receiver.received(to) || !subscriberIsThere(),
        () -> "events are missing: " + receiver.missing(from, to) + " of " + (to - from));
    var delays = new long[to - from];
    int lost = 0;
    for (int n = from; n < to; n++) {
      long at = receiver.arrivedNanos[n];
      delays[n - from] = at == 0 ? Long.MAX_VALUE : at - sentNanos[n];
      lost += at == 0 ? 1 : 0;
    }
    Arrays.sort(delays);
    return new Result(delays.length, lost, at(delays, 0.5), at(delays, 0.999), at(delays, 1));
  }

  private boolean subscriberIsThere() {
    return !subscriber.isInputClosed();
  }

  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(sender);
    publisher.abort();
    subscriber.abort();
  }

  private static double at(long[] sorted, double share) {
    int index = (int) Math.min(sorted.length - 1, Math.round(share * sorted.length));
    return sorted.length == 0 ? 0 : sorted[index] / 1e6;
  }

  private void send() {
    long next = System.nanoTime();
    while (!stopped && sent.get() < LIMIT) {
      int n = sent.get();
      sentNanos[n] = System.nanoTime();
      publisher.sendText(Integer.toString(n), true).join();
      sent.set(n + 1);
      next += PERIOD_NANOS;
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  /// Notes when each number arrived. Its client's thread writes, the test reads.
  private static final class Receiver implements WebSocket.Listener {
    private final long[] arrivedNanos = new long[LIMIT];
    private final StringBuilder partial = new StringBuilder();
    private volatile boolean subscribed; // written once by the client's thread
    private volatile int highest = -1; // written by the client's thread after the array

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      partial.append(part);
      if (last) {
        took(partial);
        partial.setLength(0);
      }
      socket.request(1);
      return null;
    }

    /// Events are binary messages of text, notices are text.
    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      return onText(socket, StandardCharsets.ISO_8859_1.decode(part), last);
    }

    boolean received(int to) {
      return highest >= to - 1;
    }

    int missing(int from, int to) {
      int missing = 0;
      for (int n = from; n < to; n++) {
        missing += arrivedNanos[n] == 0 ? 1 : 0;
      }
      return missing;
    }

    /// An event's payload is a bare number, which stands as `{"data":n}`.
    private void took(CharSequence message) {
      var text = message.toString();
      int at = text.indexOf("\"data\":");
      if (at < 0 || !text.contains("\"" + TOPIC + "\"")) {
        subscribed |= text.contains("subscription_update");
        return;
      }
      int from = at + "\"data\":".length();
      int to = from;
      while (to < text.length() && Character.isDigit(text.charAt(to))) {
        to++;
      }
      int number = Integer.parseInt(text, from, to, 10);
      arrivedNanos[number] = System.nanoTime();
      highest = Math.max(highest, number);
    }
  }
}
