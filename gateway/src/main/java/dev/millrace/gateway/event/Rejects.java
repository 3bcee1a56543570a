package dev.millrace.gateway.event;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.limit.Rate;
import dev.millrace.gateway.limit.Throttle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs callers that were turned away (`event=reject`), a few a second: whoever knocks without end
/// must not fill the log. What was left out stands in the next record as `suppressed`; metrics
/// count all. Whoever keeps a record of its own is told of every [Refusal]. Safe from any thread.
public final class Rejects {
  private static final Logger log = LoggerFactory.getLogger(Rejects.class);
  private static final Rate RECORDS = new Rate(50, 5);

  private final Clock clock;
  private final Consumer<Refusal> onRefusal;
  private final Throttle throttle;
  private final AtomicLong suppressed = new AtomicLong(); // whoever logs takes it all

  public Rejects(Clock clock) {
    this(clock, refusal -> {});
  }

  /// `onRefusal` is called on the loops, from many at once, as often as callers come: it must not
  /// wait, and must bound what it keeps.
  public Rejects(Clock clock, Consumer<Refusal> onRefusal) {
    this.clock = clock;
    this.onRefusal = onRefusal;
    this.throttle = new Throttle(clock.nanoTime());
  }

  /// Tells of a caller turned away from a route. The log hears of it from [#rejected].
  public void refused(Refusal refusal) {
    onRefusal.accept(refusal);
  }

  /// `kind` is the surface or door, `reason` a constant, `detail` a sentence that repeats nothing
  /// the caller sent, `address` an IP literal.
  public void rejected(String kind, String reason, String detail, String address) {
    if (!throttle.take(clock.nanoTime(), RECORDS)) {
      suppressed.incrementAndGet();
      return;
    }
    log.atInfo()
        .addKeyValue("event", "reject")
        .addKeyValue("kind", kind)
        .addKeyValue("reason", reason)
        .addKeyValue("detail", detail)
        .addKeyValue("address", address)
        .addKeyValue("suppressed", suppressed.getAndSet(0))
        .log("Turned a caller away from {}: {}", kind, reason);
  }
}
