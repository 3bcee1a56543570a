package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.telemetry.Machine.Reading;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Reading SOME = new Reading(1.0, 2.0, 3L, 4L);

  @Test
  void thisProcessUsesMemoryAndFiles() {
    try (var machine = new Machine(OperatingSystemMeter::new, Duration.ofSeconds(60))) {
      machine.read();
      var reading = machine.read();
      assertThat(reading.rssBytes()).isGreaterThan(1 << 20);
      assertThat(reading.openFds()).isPositive();
      assertThat(reading.cpuProcessPct()).isBetween(0.0, 100.0);
      Await.until(
          "the ticks go on",
          () -> {
            var share = machine.read().cpuSystemPct();
            return share != null && share >= 0 && share <= 100;
          });
    }
  }

  @Test
  void nativeCodeIsLoadedAtTheFirstQuestionAndRunsOnOnePlatformThread() {
    var threads = new CopyOnWriteArrayList<Thread>();
    try (var machine =
        new Machine(
            () -> {
              threads.add(Thread.currentThread());
              return () -> {
                threads.add(Thread.currentThread());
                return SOME;
              };
            },
            PATIENCE)) {
      assertThat(threads).isEmpty();
      assertThat(List.of(machine.read(), machine.read())).containsOnly(SOME);
      assertThat(threads).hasSize(3);
      assertThat(List.copyOf(new java.util.HashSet<>(threads)))
          .singleElement()
          .satisfies(
              thread -> {
                assertThat(thread.getName()).isEqualTo("millrace-system");
                assertThat(thread.isVirtual()).isFalse();
                assertThat(thread.isDaemon()).isTrue();
              });
    }
  }

  @Test
  void aMachineThatDoesNotAnswerCostsOneAnswerAndIsNotAskedTwiceAtOnce() {
    var go = new Semaphore(0);
    var asked = new AtomicInteger();
    try (var machine =
        new Machine(
            () ->
                () -> {
                  asked.incrementAndGet();
                  go.acquireUninterruptibly();
                  return SOME;
                },
            Duration.ofMillis(200))) {
      assertThat(machine.read()).isEqualTo(Reading.NOTHING);
      assertThat(machine.read()).isEqualTo(Reading.NOTHING);
      assertThat(asked).hasValue(1);
      go.release(1_000);
      Await.until("it answers again", () -> machine.read().equals(SOME));
    }
  }

  @Test
  void aMachineThatCannotBeAskedIsSaidOnceAndStaysUnknown() {
    var loads = new AtomicInteger();
    try (var recorder = new LogRecorder(Machine.class);
        var machine =
            new Machine(
                () -> {
                  loads.incrementAndGet();
                  throw new UnsatisfiedLinkError("no native library here");
                },
                PATIENCE)) {
      assertThat(machine.read()).isEqualTo(Reading.NOTHING);
      assertThat(machine.read()).isEqualTo(Reading.NOTHING);
      assertThat(loads).hasValue(1);
      assertThat(recorder.records).hasSize(1);
    }
  }

  @Test
  void aQuestionThatFailsIsSaidOnceAndAskedAgain() {
    var asked = new AtomicInteger();
    try (var recorder = new LogRecorder(Machine.class);
        var machine =
            new Machine(
                () ->
                    () -> {
                      if (asked.incrementAndGet() <= 2) {
                        throw new IllegalStateException("too many open files");
                      }
                      return SOME;
                    },
                PATIENCE)) {
      assertThat(machine.read()).isEqualTo(Reading.NOTHING);
      assertThat(machine.read()).isEqualTo(Reading.NOTHING);
      assertThat(machine.read()).isEqualTo(SOME);
      assertThat(recorder.records).hasSize(1);
    }
  }

  @Test
  void aClosedMachineSaysNothing() {
    var machine = new Machine(() -> () -> SOME, PATIENCE);
    machine.close();
    assertThat(machine.read()).isEqualTo(Reading.NOTHING);
  }
}
