package dev.millrace.gateway.event;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.limit.Rate;
import dev.millrace.gateway.limit.Throttle;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs callers that were turned away (`event=reject`), a few a second: whoever knocks without end
/// must not fill the log. What was left out stands in the next record as `suppressed`; metrics
/// count all. Safe from any thread.
public final class Rejects {
  private static final Logger log = LoggerFactory.getLogger(Rejects.class);
  private static final Rate RECORDS = new Rate(50, 5);

  private final Clock clock;
  private final Throttle throttle;
  private final AtomicLong suppressed = new AtomicLong(); // whoever logs takes it all

  public Rejects(Clock clock) {
    this.clock = clock;
    this.throttle = new Throttle(clock.nanoTime());
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
