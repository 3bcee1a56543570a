package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.trace.Correlation;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

class LogServiceTest {
  @TempDir Path folder;

  @Test
  void aRecordSaysWhenWhatWhereAndForWhom() throws Exception {
    try (var log = new LogFixture()) {
      Correlation.call(
          "req-7",
          () -> {
            log.logger().atInfo().addKeyValue("events", 42).log("Moved {} of {}", 3, "four");
            return "";
          });

      var record = log.records(1).getFirst();
      assertThat(record.propertyNames())
          .containsExactly("ts", "level", "target", "msg", "request_id", "events");
      assertThat(record.get("ts").stringValue())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
      assertThat(record.get("level").stringValue()).isEqualTo("info");
      assertThat(record.get("target").stringValue()).isEqualTo("engine.pipeline.Pipeline");
      assertThat(record.get("msg").stringValue()).isEqualTo("Moved 3 of four");
      assertThat(record.get("request_id").stringValue()).isEqualTo("req-7");
      assertThat(record.get("events").intValue()).isEqualTo(42);
    }
  }

  @Test
  void anArgumentIsPrintedAsItWasWhenItWasLogged() {
    try (var log = new LogFixture()) {
      log.blockSink();
      var list = new ArrayList<>(List.of(1, 2));
      log.logger().atInfo().addKeyValue("list", list).log("{}", list);
      list.clear();
      log.sink.unblock();

      var record = log.records(2).getLast();
      assertThat(record.get("msg").stringValue()).isEqualTo("[1, 2]");
      assertThat(record.get("list").stringValue()).isEqualTo("[1, 2]");
    }
  }

  @Test
  void theContextOfAThreadIsInItsRecords() {
    try (var log = new LogFixture()) {
      var mdc = log.context.getMDCAdapter();
      mdc.put("pipeline", "labels");
      log.logger().info("one");
      mdc.clear();

      assertThat(log.records(1).getFirst().get("pipeline").stringValue()).isEqualTo("labels");
    }
  }

  @Test
  void aMillionCallsReturnWhileTheSinkIsBlockedForEver() throws Exception {
    try (var log = new LogFixture()) {
      log.blockSink();
      int threads = 4;
      int callsEach = 250_000;
      var returned = new AtomicLong();
      var callers = new ArrayList<Thread>();
      for (int i = 0; i < threads; i++) {
        Runnable calls =
            () -> {
              for (int call = 0; call < callsEach; call++) {
                log.logger().info("Event {} of {}", call, callsEach);
              }
              returned.addAndGet(callsEach);
            };
        callers.add(
            i % 2 == 0 ? Thread.ofVirtual().start(calls) : Thread.ofPlatform().start(calls));
      }
      int parked = 0;
      while (callers.stream().anyMatch(Thread::isAlive)) {
        for (var caller : callers) {
          var state = caller.getState();
          boolean waits = state == Thread.State.BLOCKED || state == Thread.State.WAITING;
          parked += waits ? 1 : 0;
        }
        LockSupport.parkNanos(500_000);
      }

      assertThat(returned).hasValue(1_000_000);
      assertThat(parked).as("looks that found a caller waiting").isZero();
      assertThat(log.sink.blockedWriters).hasValue(1);
      assertThat(log.logs.droppedByLevel().get("info")).isBetween(990_000L, 1_000_000L);
    }
  }

  @Test
  void aPipeThatNobodyReadsDelaysNobodyNotEvenTheEnd() throws Exception {
    var pipe = Pipe.open();
    try (var sink = pipe.sink();
        var source = pipe.source()) {
      var log = LogFixture.writingTo(sink);
      for (int i = 0; i < 50_000; i++) {
        log.logger().warn("A line that nobody will ever read, number {}", i);
      }

      long before = System.nanoTime();
      log.logs.close();
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
      assertThat(log.logs.droppedByLevel().get("warn")).isPositive();
      assertThat(source.isOpen()).isTrue();
    }
  }

  @Test
  void theFullerTheQueueTheMoreImportantARecordMustBe() {
    try (var log = new LogFixture(LogFixture.spec(100))) {
      log.blockSink(); // one of a hundred places is taken
      var logger = log.logger();
      repeat(74, () -> logger.trace("below 75 %"));
      repeat(10, () -> logger.trace("dropped"));
      repeat(10, () -> logger.debug("dropped"));
      assertDropped(log, Map.of("trace", 10L, "debug", 10L, "info", 0L, "warn", 0L, "error", 0L));

      repeat(15, () -> logger.info("below 90 %"));
      repeat(20, () -> logger.info("one in ten"));
      assertDropped(log, Map.of("trace", 10L, "debug", 10L, "info", 18L, "warn", 0L, "error", 0L));

      repeat(8, () -> logger.warn("up to 100 %"));
      repeat(3, () -> logger.error("full"));
      repeat(2, () -> logger.warn("full"));
      repeat(10, () -> logger.info("full"));
      assertDropped(log, Map.of("trace", 10L, "debug", 10L, "info", 28L, "warn", 2L, "error", 3L));

      log.sink.unblock();
      assertThat(log.records(100)).hasSize(100);
      assertThat(log.metrics.count(LogMetric.DROPPED, "info")).isEqualTo(28);
      Await.until("all are counted", () -> log.metrics.count(LogMetric.WRITTEN) == 100);
    }
  }

  @Test
  void whatWasDroppedIsSaidOncePerTenSeconds() {
    try (var log = new LogFixture(LogFixture.spec(16))) {
      log.blockSink();
      repeat(15 + 5, () -> log.logger().error("too many"));
      log.sink.unblock();
      log.records(16);
      repeat(3, () -> log.logger().info("not yet"));
      assertThat(log.records(19)).hasSize(19);

      log.clock.advance(Duration.ofSeconds(10));
      var report = log.records(20).getLast();
      assertThat(report.get("level").stringValue()).isEqualTo("warn");
      assertThat(report.get("target").stringValue()).isEqualTo("control.log");
      assertThat(report.get("dropped_error").longValue()).isEqualTo(5);
      assertThat(report.has("dropped_info")).isFalse();

      log.clock.advance(Duration.ofSeconds(10));
      log.logger().info("nothing new");
      assertThat(log.records(21).getLast().get("msg").stringValue()).isEqualTo("nothing new");
    }
  }

  @Test
  void textThatWaitsIsBoundedToo() {
    try (var log = new LogFixture()) {
      log.blockSink();
      var large = "x".repeat(50_000);
      repeat(8_000, () -> log.logger().error("{}", large));

      var dropped = log.logs.droppedByLevel().getOrDefault("error", 0L);
      long kept = 8_000 - dropped;
      assertThat(kept * Clipped.VISIBLE)
          .isBetween(LogQueue.MAX_CHARS / 2, LogQueue.MAX_CHARS + 100_000);
    }
  }

  @Test
  void aFullDiskLosesNothingThatHadRoomAndIsSaidAfterwards() {
    try (var log = new LogFixture()) {
      log.sink.fail(true);
      log.logger().info("first");
      Await.until("it was tried again", () -> log.sink.attempts.get() >= 2);
      repeat(50, () -> log.logger().info("more"));
      assertThat(log.sink.lines()).isEmpty();
      log.clock.advance(Duration.ofSeconds(10));
      log.sink.fail(false);

      var records = log.records(52);
      assertThat(records.getFirst().get("msg").stringValue()).isEqualTo("first");
      var report =
          records.stream().filter(one -> one.has("write_failures")).findFirst().orElseThrow();
      assertThat(report.get("write_failures").longValue()).isGreaterThanOrEqualTo(2);
      assertThat(report.get("msg").stringValue()).contains("nothing was lost");
      assertThat(log.metrics.count(LogMetric.WRITE_FAILURES)).isGreaterThanOrEqualTo(2);
      assertThat(log.logs.droppedByLevel().values()).containsOnly(0L);
    }
  }

  @Test
  void aSinkThatTakesPartOfALineGetsTheRestOfIt() {
    try (var log = new LogFixture()) {
      log.sink.takeAtMost(0);
      log.logger().info("one");
      Await.until("it was tried again", () -> log.sink.attempts.get() >= 3);
      log.sink.takeAtMost(7);

      assertThat(log.records(1).getFirst().get("msg").stringValue()).isEqualTo("one");
    }
  }

  @Test
  void closingWritesWhatWaits() {
    var log = new LogFixture();
    repeat(5_000, () -> log.logger().error("all of them"));
    log.logs.close();
    log.logs.close();

    assertThat(log.sink.lines()).hasSize(5_000);
    assertThat(log.sink.isOpen()).isFalse();
    log.logger().error("too late");
    assertThat(log.logs.droppedByLevel().get("error")).isEqualTo(1);
  }

  @Test
  void closingWaitsForABlockedSinkOneSecondAtMost() {
    try (var log = new LogFixture()) {
      log.blockSink();
      long before = System.nanoTime();
      log.logs.close();
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isBetween(Duration.ofMillis(900), Duration.ofSeconds(3));
    }
  }

  @Test
  void closingGivesUpOnASinkThatFailsAndCountsWhatItHeld() {
    try (var log = new LogFixture()) {
      log.sink.fail(true);
      log.logger().warn("never written");
      Await.until("it was tried", () -> log.sink.attempts.get() >= 1);
      log.logs.close();
      assertThat(log.logs.droppedByLevel().get("warn")).isEqualTo(1);
      assertThat(log.sink.text()).isEmpty();
    }
  }

  @Test
  void aFileUnderTheDataDirectoryTakesOverWhenItIsConfigured() throws IOException {
    try (var log = new LogFixture()) {
      log.logger().info("before");
      log.records(1);
      log.logs.start(fileSpec(LogSpec.Format.AUTO), folder);
      log.logger().info("after");
      var file = folder.resolve("logs/millrace.log");
      Await.until("the file is written", () -> sizeOf(file) > 0);

      assertThat(Files.readString(file)).contains("\"msg\":\"after\"").endsWith("}\n");
      assertThat(log.sink.lines()).hasSize(1);
    }
  }

  @Test
  void aFileMayHoldText() throws IOException {
    try (var log = new LogFixture()) {
      log.logs.start(fileSpec(LogSpec.Format.TEXT), folder);
      log.logger().info("hello");
      var file = folder.resolve("logs/millrace.log");
      Await.until("the file is written", () -> sizeOf(file) > 0);
      assertThat(Files.readString(file)).endsWith(" INFO  engine.pipeline.Pipeline hello\n");
    }
  }

  @Test
  void secretsAreMaskedWhereverTheyAppearAndTheLastSetCounts() {
    try (var log = new LogFixture()) {
      log.logs.mask(List.of("old-canary-0001"));
      log.logs.mask(List.of("canary-4711-value"));
      failing(log.logger().atError(), "canary-4711-value").log("with canary-4711-value in it");
      log.logger().info("old-canary-0001");

      log.records(2);
      assertThat(log.sink.text()).doesNotContain("canary-4711").contains("old-canary-0001");
    }
  }

  @Test
  void aTailGetsTheNewestRecordsOfItsTargetAndLevelWithoutSecrets() {
    try (var log = new LogFixture()) {
      log.logs.mask(List.of("canary-4711-value"));
      try (var tail = log.logs.tail(Level.INFO, "engine", 1_000)) {
        log.logger().info("one {}", "canary-4711-value");
        log.logger().debug("too little");
        log.context.getLogger("dev.millrace.hub.Hub").error("elsewhere");
        log.context.getLogger("dev.millrace.engines.Other").error("not beneath engine");
        log.logger().warn("two");

        assertThat(tail.take())
            .extracting(record -> record.get("msg").stringValue())
            .containsExactly("one ***", "two");
        assertThat(tail.take()).isEmpty();
        assertThat(tail.suppressed()).isZero();
      }
      log.logger().error("nobody follows");
      log.records(6);
    }
  }

  @Test
  void aTailGetsNoMoreThanItsLimitPerSecondAndIsToldHowManyItMissed() {
    try (var log = new LogFixture();
        var tail = log.logs.tail(Level.TRACE, "", 5)) {
      repeat(12, () -> log.logger().info("many"));
      assertThat(tail.take()).hasSize(5);
      assertThat(tail.suppressed()).isEqualTo(7);
      log.clock.advance(Duration.ofSeconds(1));
      repeat(2, () -> log.logger().info("again"));
      assertThat(tail.take()).hasSize(2);
      assertThat(tail.suppressed()).isZero();
    }
  }

  @Test
  void aTailThatIsNotReadKeepsTheNewest() {
    try (var log = new LogFixture();
        var tail = log.logs.tail(Level.TRACE, "", 100_000)) {
      for (int i = 1; i <= 1_000; i++) {
        log.logger().info("{}", i);
      }
      var kept = tail.take();
      assertThat(kept).hasSize(TailRing.CAPACITY);
      assertThat(kept.getLast().get("msg").stringValue()).isEqualTo("1000");
      assertThat(tail.suppressed()).isEqualTo(1_000 - TailRing.CAPACITY);
    }
  }

  @Test
  void aTailGoesOnWhileTheSinkIsBlocked() {
    try (var log = new LogFixture(LogFixture.spec(16));
        var tail = log.logs.tail(Level.TRACE, "", 1_000)) {
      log.blockSink();
      repeat(50, () -> log.logger().error("seen all the same"));
      assertThat(tail.take()).hasSize(51);
    }
  }

  private LogSpec fileSpec(LogSpec.Format format) {
    var spec = Spec.of(LogSpec.class).defaults();
    return new LogSpec(
        spec.level(),
        spec.levels(),
        format,
        LogSpec.Output.FILE,
        spec.file(),
        new ByteSize(1 << 20),
        3,
        spec.queue());
  }

  private static LoggingEventBuilder failing(LoggingEventBuilder event, String secret) {
    var cause = new IllegalStateException("the cause knows " + secret);
    return event
        .addKeyValue("connection", "to " + secret)
        .setCause(new IOException("refused by " + secret, cause));
  }

  private static void assertDropped(LogFixture log, Map<String, Long> expected) {
    assertThat(log.logs.droppedByLevel()).containsExactlyInAnyOrderEntriesOf(expected);
  }

  private static void repeat(int times, Runnable action) {
    for (int i = 0; i < times; i++) {
      action.run();
    }
  }

  private static long sizeOf(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
