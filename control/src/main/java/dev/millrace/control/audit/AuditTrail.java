package dev.millrace.control.audit;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.api.HealthReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// Every command ever given, one JSON line each in `audit/audit.jsonl`, and the newest of them in
/// memory.
///
/// Whoever records waits until its line is on disk, for a second at most. A disk that is slow or
/// full refuses nobody: the entry is in memory at once, waits in a bounded queue, and is tried
/// again every second; [#health] says so meanwhile. An entry that finds the queue full stays in
/// memory only, and is counted.
///
/// Safe from any thread; [#start] and [#close] belong to whoever starts and stops the process.
public final class AuditTrail implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
  private static final long LOG_PAUSE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int BATCH = 256;

  private final Path folder;
  private final AuditSpec spec;
  private final LongSupplier generation;
  private final Clock clock;
  private final Metrics metrics;
  private final AuditFile file;
  private final Thread writer = Thread.ofPlatform().name("millrace-audit").unstarted(this::write);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();

  // All guarded by the lock.
  private final ArrayDeque<ObjectNode> ring = new ArrayDeque<>();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private long lastNumber;
  private boolean due;
  private boolean retryPending;
  private boolean closing;
  private long lost;
  private @Nullable String trouble;
  private long complaintDueNanos; // when the log may hear of trouble again
  private boolean complained; // whether it has heard of this one

  /// Whether an entry outlives a crash.
  public enum Recorded {
    ON_DISK,
    /// Not yet, or never: see [#health].
    IN_MEMORY
  }

  private record Waiting(byte[] line, CompletableFuture<Recorded> outcome) {}

  /// `generation` is that of the configuration in force when something is recorded.
  public AuditTrail(
      Path dataDirectory, AuditSpec spec, LongSupplier generation, Clock clock, Metrics metrics) {
    this(dataDirectory, spec, generation, clock, metrics, FileChannel::open);
  }

  AuditTrail(
      Path dataDirectory,
      AuditSpec spec,
      LongSupplier generation,
      Clock clock,
      Metrics metrics,
      AuditFile.Opening opening) {
    this.folder = dataDirectory.resolve("audit");
    this.spec = spec;
    this.generation = generation;
    this.clock = clock;
    this.metrics = metrics;
    this.complaintDueNanos = clock.nanoTime();
    this.file = new AuditFile(folder, spec, opening);
  }

  /// Reads the newest entries of earlier runs and begins to write. A trail that cannot be read does
  /// not keep the process from starting.
  public AuditTrail start() {
    lock.lock();
    try {
      readTail();
    } finally {
      lock.unlock();
    }
    writer.start();
    return this;
  }

  /// Adds an entry and goes on; it is on disk soon.
  public void note(AuditEvent event) {
    var _ = add(event);
  }

  /// Adds an entry and waits until it is on disk, a second at most.
  public Recorded record(AuditEvent event) {
    var outcome = add(event);
    var timer = clock.after(PATIENCE, () -> outcome.complete(Recorded.IN_MEMORY));
    try {
      var recorded = outcome.get();
      if (recorded == Recorded.IN_MEMORY) {
        metrics.counter(AuditMetric.LATE).inc();
        noteLateness();
      }
      return recorded;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Recorded.IN_MEMORY;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("recording does not fail", impossible);
    } finally {
      timer.cancel();
    }
  }

  /// The newest entries, the newest first.
  public List<ObjectNode> newest(int limit) {
    lock.lock();
    try {
      var newest = new ArrayList<ObjectNode>(Math.min(limit, ring.size()));
      for (var each = ring.descendingIterator(); each.hasNext() && newest.size() < limit; ) {
        newest.add(each.next());
      }
      return newest;
    } finally {
      lock.unlock();
    }
  }

  /// Unhealthy while entries do not reach the disk.
  public HealthReport.Component health() {
    lock.lock();
    try {
      var details = Json.mapper().createObjectNode();
      if (trouble != null) {
        details.put("trouble", trouble).put("waiting", waiting.size()).put("lost", lost);
      }
      return new HealthReport.Component(trouble == null, details);
    } finally {
      lock.unlock();
    }
  }

  /// Writes what waits, for two seconds at most. What is recorded afterwards stays in memory.
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (writer.getState() != Thread.State.NEW && !writer.join(CLOSE_PATIENCE)) {
        log.error("The audit trail's disk does not answer; what waits for it may be lost");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// A disk that answers nothing at all fails no write either.
  private void noteLateness() {
    lock.lock();
    try {
      if (trouble == null && !waiting.isEmpty()) {
        trouble = "the audit trail in " + folder + " waits for its disk, which does not answer";
        complain(null);
      }
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<Recorded> add(AuditEvent event) {
    metrics.counter(AuditMetric.ENTRIES).inc();
    lock.lock();
    try {
      var timestamp = Instant.EPOCH.plusNanos(clock.epochMicros() * 1_000).toString();
      var json = event.toJson(timestamp, ++lastNumber, generation.getAsLong());
      keep(json);
      if (closing || waiting.size() >= spec.waitingEntries()) {
        lost(1);
        return CompletableFuture.completedFuture(Recorded.IN_MEMORY);
      }
      var added = new Waiting(line(json), new CompletableFuture<>());
      waiting.add(added);
      due = true;
      work.signal();
      return added.outcome();
    } finally {
      lock.unlock();
    }
  }

  private void keep(ObjectNode entry) {
    if (ring.size() == spec.memoryEntries()) {
      ring.removeFirst();
    }
    ring.add(entry);
  }

  private void readTail() {
    try {
      var tail = AuditTail.read(folder, spec.files(), spec.memoryEntries());
      tail.entries().forEach(this::keep);
      if (!ring.isEmpty()) {
        lastNumber = ring.getLast().path("n").asLong();
      }
      if (tail.skipped() > 0) {
        metrics.counter(AuditMetric.SKIPPED).inc(tail.skipped());
        log.warn(
            "{} lines of the audit trail in {} could not be read and are left out{}",
            tail.skipped(),
            folder,
            tail.torn() ? "; its last line was cut off, as a crash does it" : "");
      }
    } catch (IOException failure) {
      trouble = "the audit trail in " + folder + " cannot be read: " + failure;
      log.error("The audit trail in {} cannot be read; it goes on in memory", folder, failure);
    }
  }

  private void write() {
    try {
      for (var batch = next(); !batch.isEmpty(); batch = next()) {
        Exception failure = null;
        try {
          file.append(batch.stream().map(Waiting::line).toList());
        } catch (IOException | RuntimeException thrown) {
          failure = thrown;
        }
        if (!done(batch, failure)) {
          return;
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      file.close();
    }
  }

  /// Waits for entries that are due; empty when the trail is closed and everything is written.
  private List<Waiting> next() throws InterruptedException {
    lock.lock();
    try {
      while (!closing && !(due && !waiting.isEmpty())) {
        work.await();
      }
      due = false;
      return waiting.stream().limit(BATCH).toList();
    } finally {
      lock.unlock();
    }
  }

  /// Takes note of what became of a batch; false when there is no use in going on.
  private boolean done(List<Waiting> batch, @Nullable Exception failure) {
    lock.lock();
    try {
      if (failure == null) {
        batch.forEach(written -> waiting.removeFirst().outcome().complete(Recorded.ON_DISK));
        due = !waiting.isEmpty();
        recovered();
        return true;
      }
      metrics.counter(AuditMetric.FAILURES).inc();
      trouble = "the audit trail in " + folder + " cannot be written: " + failure;
      complain(failure);
      waiting.forEach(entry -> entry.outcome().complete(Recorded.IN_MEMORY));
      if (closing) {
        lost(waiting.size());
        waiting.clear();
        return false;
      }
      if (!retryPending) {
        retryPending = true;
        var _ = clock.after(RETRY, this::tryAgain);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void tryAgain() {
    lock.lock();
    try {
      retryPending = false;
      due = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  private void recovered() {
    trouble = null;
    if (complained) {
      complained = false;
      log.info("The audit trail in {} is written again; {} entries were lost", folder, lost);
    }
  }

  private void complain(@Nullable Exception failure) {
    long now = clock.nanoTime();
    if (now - complaintDueNanos >= 0) {
      complaintDueNanos = now + LOG_PAUSE_NANOS;
      complained = true;
      log.error(
          "The audit trail in {} cannot be written; commands go on, {} entries wait in memory."
              + " Look after its disk: make room, or make the folder writable.",
          folder,
          waiting.size(),
          failure);
    }
  }

  private void lost(int entries) {
    lost += entries;
    metrics.counter(AuditMetric.LOST).inc(entries);
  }

  private static byte[] line(ObjectNode json) {
    var bytes = Json.bytes(json);
    var line = java.util.Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    return line;
  }
}
