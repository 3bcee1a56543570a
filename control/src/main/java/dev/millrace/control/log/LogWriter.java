package dev.millrace.control.log;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.event.Level;

/// Takes records out of the queue and writes them, a batch of whole lines at a time, on the thread
/// `millrace-log`. It alone may wait for the sink. A write that fails is made again until it works;
/// what gets no room meanwhile is counted, and the log says so when it goes on.
final class LogWriter {
  private static final int BATCH_CHARS = 1 << 16;
  private static final long IDLE_NANOS = 1_000_000_000L; // a wake-up is never waited for longer
  private static final long RETRY_NANOS = 250_000_000L;
  private static final long FULL_NANOS = 5_000_000L; // a sink that takes nothing without waiting
  private static final int LAST_TRIES = 100; // to find room in such a sink when closing
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

  /// Where lines go and what they look like.
  record Sink(LineForm form, WritableByteChannel channel) {}

  private final LogQueue queue;
  private final Losses losses;
  private final Supplier<Redactor> redactor;
  private final Consumer<LogRecord> onReport;
  private final Clock clock;
  private final CounterDataPoint writtenTotal;
  private final CounterDataPoint failuresTotal;
  private final Thread thread;
  private final Rest rest = new Rest();
  private volatile Sink sink; // written by `use`
  private volatile boolean closing; // set once, by close

  // The writer's own.
  private final StringBuilder batch = new StringBuilder();
  private final Map<Level, Integer> batchRecords = new EnumMap<>(Level.class);
  private boolean gaveUp;
  private boolean saidLast;
  private long failuresSinceReport;
  private long lastReportNanos;

  /// `onReport` is told the records that the writer itself adds.
  LogWriter(
      LogQueue queue,
      Losses losses,
      Supplier<Redactor> redactor,
      Consumer<LogRecord> onReport,
      Sink sink,
      Clock clock,
      Metrics metrics) {
    this.queue = queue;
    this.losses = losses;
    this.redactor = redactor;
    this.onReport = onReport;
    this.sink = sink;
    this.clock = clock;
    this.writtenTotal = metrics.counter(LogMetric.WRITTEN);
    this.failuresTotal = metrics.counter(LogMetric.WRITE_FAILURES);
    this.lastReportNanos = clock.nanoTime();
    this.thread = Thread.ofPlatform().name("millrace-log").daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// From the next batch on, or the next attempt at one that fails, `next` is written to.
  void use(Sink next) {
    sink = next;
  }

  /// To be called after a record was offered.
  void wake() {
    if (rest.mustWake()) {
      LockSupport.unpark(thread);
    }
  }

  /// Writes what waits, for at most `patience`; a sink that blocks is left behind.
  void close(Duration patience) throws InterruptedException {
    closing = true;
    LockSupport.unpark(thread);
    var _ = thread.join(patience); // a daemon, should it be stuck
  }

  private void run() {
    boolean ended = false;
    while (!ended) {
      boolean last = closing; // looked at first: what was offered before closing is written
      boolean worked = turn();
      ended = gaveUp || (last && !worked);
      if (!ended && !worked) {
        sleep();
      }
    }
    for (var record = queue.take(); record != null; record = queue.take()) {
      losses.count(record.level(), 1);
    }
    try {
      sink.channel().close();
    } catch (IOException failure) {
      failuresTotal.inc();
    }
  }

  /// Writes one batch; false if there was nothing to write.
  private boolean turn() {
    int taken = 0;
    long chars = 0;
    var to = sink;
    var form = to.form();
    for (var record = queue.take(); record != null; record = queue.take()) {
      add(record, form);
      taken++;
      chars += record.weight();
      if (batch.length() >= BATCH_CHARS) {
        break;
      }
    }
    report(form);
    if (batch.isEmpty()) {
      queue.release(taken, chars);
      return taken > 0;
    }
    gaveUp = !write(to, ByteBuffer.wrap(batch.toString().getBytes(StandardCharsets.UTF_8)));
    finishBatch();
    queue.release(taken, chars);
    return true;
  }

  private void add(LogRecord record, LineForm form) {
    int before = batch.length();
    try {
      form.write(record, redactor.get(), batch);
      batchRecords.merge(record.level(), 1, Integer::sum);
    } catch (RuntimeException defect) {
      batch.setLength(before);
      losses.count(record.level(), 1);
    }
  }

  private void finishBatch() {
    batchRecords.forEach(
        (level, records) -> {
          if (gaveUp) {
            losses.count(level, records);
          } else {
            writtenTotal.inc(records);
          }
        });
    batchRecords.clear();
    batch.setLength(0);
    if (batch.capacity() > 4 * BATCH_CHARS) {
      batch.trimToSize();
    }
  }

  /// False if it was given up because the log is closing.
  private boolean write(Sink first, ByteBuffer lines) {
    var to = first;
    int tries = 0;
    while (lines.hasRemaining()) {
      try {
        if (to.channel().write(lines) == 0) {
          if (closing && ++tries > LAST_TRIES) {
            return false;
          }
          LockSupport.parkNanos(this, FULL_NANOS);
        }
      } catch (IOException failure) {
        failuresTotal.inc();
        failuresSinceReport++;
        if (closing) {
          return false;
        }
        LockSupport.parkNanos(this, RETRY_NANOS);
        to = sink;
      }
    }
    return true;
  }

  /// At most once per interval, and once more at the end: what was lost.
  private void report(LineForm form) {
    long now = clock.nanoTime();
    boolean last = closing && !saidLast;
    if (now - lastReportNanos < REPORT_INTERVAL.toNanos() && !last) {
      return;
    }
    saidLast |= last;
    lastReportNanos = now;
    List<LogRecord.Field> fields = new ArrayList<>(losses.news());
    boolean dropped = !fields.isEmpty();
    if (failuresSinceReport > 0) {
      fields.add(LogRecord.Field.of("write_failures", failuresSinceReport, Clipped.VISIBLE));
      failuresSinceReport = 0;
    }
    if (fields.isEmpty()) {
      return;
    }
    var sentence =
        dropped
            ? "Log records were dropped because the log could not be written fast enough"
            : "Writing the log failed for a while; nothing was lost";
    var record =
        new LogRecord(
            Instant.ofEpochSecond(0, clock.epochMicros() * 1_000),
            Level.WARN,
            "control.log",
            new Clipped(sentence, sentence.length()),
            null,
            fields,
            null);
    add(record, form);
    onReport.accept(record);
  }

  private void sleep() {
    rest.begin();
    if (queue.isEmpty() && !closing) {
      LockSupport.parkNanos(this, IDLE_NANOS);
    }
    rest.end();
  }
}
