package dev.millrace.control.log;

import dev.millrace.core.json.Json;
import dev.millrace.core.time.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.slf4j.event.Level;
import tools.jackson.databind.node.ObjectNode;

/// The newest records for one reader. Whoever logs offers and never waits; only the reader cleans
/// and formats. When it is full the oldest record makes room.
final class TailRing implements LogTail {
  static final int CAPACITY = 256;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final int COUNT_BITS = 24;

  private final Level least;
  private final String target;
  private final int limitPerSecond;
  private final Supplier<Redactor> redactor;
  private final Clock clock;
  private final Consumer<TailRing> onClose;
  private final long startNanos;
  private final MpmcVarHandleArrayQueue<LogRecord> records =
      new MpmcVarHandleArrayQueue<>(CAPACITY);
  private final AtomicLong window = new AtomicLong(); // a second's number, and records in it
  private final AtomicLong suppressed = new AtomicLong();
  private final JsonLines form = new JsonLines(); // the reader's

  TailRing(
      Level least,
      String target,
      int limitPerSecond,
      Supplier<Redactor> redactor,
      Clock clock,
      Consumer<TailRing> onClose) {
    this.least = least;
    this.target = target;
    this.limitPerSecond = Math.clamp(limitPerSecond, 1, 1 << (COUNT_BITS - 1));
    this.redactor = redactor;
    this.clock = clock;
    this.onClose = onClose;
    this.startNanos = clock.nanoTime();
  }

  /// Safe from any thread; takes no lock.
  void offer(LogRecord record) {
    if (record.level().toInt() < least.toInt() || !Target.covers(target, record.target())) {
      return;
    }
    if (!isWithinLimit()) {
      suppressed.incrementAndGet();
      return;
    }
    while (!records.offer(record)) {
      if (records.poll() != null) {
        suppressed.incrementAndGet();
      }
    }
  }

  @Override
  public List<ObjectNode> take() {
    var taken = new ArrayList<ObjectNode>();
    var line = new StringBuilder();
    for (int i = 0; i < CAPACITY; i++) {
      var record = records.poll();
      if (record == null) {
        break;
      }
      line.setLength(0);
      form.write(record, redactor.get(), line);
      if (Json.tree(line.toString().getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode node) {
        taken.add(node);
      }
    }
    return taken;
  }

  @Override
  public long suppressed() {
    return suppressed.getAndSet(0);
  }

  @Override
  public void close() {
    onClose.accept(this);
    records.clear();
  }

  private boolean isWithinLimit() {
    long second = (clock.nanoTime() - startNanos) / SECOND_NANOS;
    while (true) {
      long seen = window.get();
      long count = seen >>> COUNT_BITS == second ? seen & ((1 << COUNT_BITS) - 1) : 0;
      if (count >= limitPerSecond) {
        return false;
      }
      if (window.compareAndSet(seen, (second << COUNT_BITS) | (count + 1))) {
        return true;
      }
    }
  }
}
