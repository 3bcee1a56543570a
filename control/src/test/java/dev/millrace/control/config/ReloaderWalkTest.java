package dev.millrace.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.CommandCall.Origin;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random edits, faults and triggers beside a model that knows only what a configuration is: which
/// values are in force, which wait, and how often something changed.
class ReloaderWalkTest {
  private static final List<RecordingPart.Fault> FAULTS =
      List.of(
          RecordingPart.Fault.NONE,
          RecordingPart.Fault.REFUSES,
          RecordingPart.Fault.DEFECT,
          RecordingPart.Fault.COMMIT);
  private static final List<Origin> TRIGGERS = List.of(Origin.values());

  @TempDir Path folder;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final List<String> journal = Collections.synchronizedList(new ArrayList<>());
  private final RecordingPart first = new RecordingPart("first", journal);
  private final RecordingPart second = new RecordingPart("second", journal);

  @BeforeAll
  static void hush() {
    Hushed.logs(); // some thousand rejections
  }

  @AfterAll
  static void speak() {
    Hushed.no();
  }

  /// What the naive model believes.
  private static final class Model {
    private int low = 1;
    private int inForcePort = 8080;
    private int writtenPort = 8080;
    private long generation = 1;
    private boolean error;

    /// What a reload of `text`'s values comes to.
    String reload(int newLow, int newPort, boolean sound, RecordingPart.Fault fault) {
      if (!sound) {
        error = true;
        return "Rejected";
      }
      if (newLow == low && newPort == writtenPort) {
        error = false;
        return "Unchanged";
      }
      if (fault == RecordingPart.Fault.REFUSES || fault == RecordingPart.Fault.DEFECT) {
        error = true;
        return "Rejected";
      }
      low = newLow;
      writtenPort = newPort;
      generation++;
      error = false;
      return "Applied";
    }
  }

  @Test
  void everyEditEndsAsTheModelSays() throws Exception {
    long seed = 20_261_123;
    var random = new Random(seed);
    write("low: 1\n");
    var source = new TestSource(file());
    var live = source.load();
    var model = new Model();
    int low = 1;
    int port = 8080;
    boolean sound = true;
    try (var signals = new SignalBus(10, clock, metrics);
        var reloader =
            new Reloader<>(live, source, List.of(first, second), signals, clock, metrics)) {
      for (int round = 0; round < 1_500; round++) {
        var as = "seed " + seed + ", round " + round;
        switch (random.nextInt(6)) {
          case 0 -> low = random.nextInt(4);
          case 1 -> port = 8080 + random.nextInt(3);
          case 2 -> sound = !sound;
          default -> {}
        }
        var text =
            switch (random.nextInt(3)) {
              case 0 -> "low: %d\nserver: {port: %d}\n".formatted(low, port);
              case 1 -> "# %d\nserver:\n  port: %d\nlow: %d\n".formatted(round, port, low);
              default -> "{\"low\":%d,\"server\":{\"port\":%d}}".formatted(low, port);
            };
        write(sound ? text : random.nextBoolean() ? text + "low: [" : "low: 1000\n");
        second.fault = FAULTS.get(random.nextInt(FAULTS.size()));
        if (random.nextInt(5) == 0) {
          var before = live.state();
          reloader.reload(Origin.NOC, true);
          assertThat(live.state()).as(as).isSameAs(before);
        }
        var became = reloader.reload(Origin.WATCH, false);
        var expected = model.reload(low, port, sound, second.fault);
        assertThat(became.getClass().getSimpleName()).as(as).isEqualTo(expected);
        assertThat(live.generation()).as(as).isEqualTo(model.generation);
        assertThat(live.get().low()).as(as).isEqualTo(model.low);
        assertThat(live.get().server().port()).as(as).isEqualTo(model.inForcePort);
        assertThat(live.state().lastError().isEmpty()).as(as).isEqualTo(!model.error);
        assertThat(live.state().restartRequired().isEmpty())
            .as(as)
            .isEqualTo(model.writtenPort == model.inForcePort);
      }
    }
    assertThat(model.generation).isGreaterThan(100);
    assertChain(first, live.get());
  }

  /// Many ask at once while the file is renamed over by others: nothing valid is lost, nothing
  /// invalid is ever in force, and everybody sees generations without a gap.
  @Test
  void manyTriggersAtOnceAreServedOneAfterAnother() throws Exception {
    long seed = 20_261_124;
    write("low: 0\nhigh: 100\n");
    var source = new TestSource(file());
    var live = source.load();
    var running = new AtomicBoolean(true);
    try (var signals = new SignalBus(10, clock, metrics);
        var reloader =
            new Reloader<>(live, source, List.of(first, second), signals, clock, metrics);
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var writer =
          callers.submit(
              () -> {
                var random = new Random(seed);
                for (int i = 0; i < 400; i++) {
                  int low = random.nextInt(50);
                  replace(
                      random.nextInt(4) == 0
                          ? "low: ["
                          : "low: %d\nhigh: %d\n".formatted(low, low));
                  second.fault = FAULTS.get(random.nextInt(FAULTS.size()));
                }
                replace("low: 77\nhigh: 77\n");
                second.fault = RecordingPart.Fault.NONE;
                running.set(false);
                return null;
              });
      var asking = new ArrayList<Future<Set<Long>>>();
      for (int i = 0; i < 8; i++) {
        var trigger = TRIGGERS.get(i % TRIGGERS.size());
        asking.add(
            callers.submit(
                () -> {
                  var seen = new HashSet<Long>();
                  while (running.get()) {
                    seen.add(reloader.reload(trigger, seen.size() % 7 == 6).generation());
                    var now = live.state();
                    assertThat(now.config().low() == now.config().high() || now.generation() == 1)
                        .isTrue();
                  }
                  return seen;
                }));
      }
      writer.get(30, TimeUnit.SECONDS);
      var last = reloader.reload(Origin.REST, false);
      assertThat(last).isNotInstanceOf(ReloadOutcome.Rejected.class);
      assertThat(live.get().low()).isEqualTo(77);
      for (var caller : asking) {
        caller.get(30, TimeUnit.SECONDS);
      }
    }
    assertChain(first, live.get());
    assertThat(live.generation()).isEqualTo(first.committed().size() + 1L);
  }

  @Test
  void whoeverIsInterruptedLeavesAndTheReloadGoesOn() throws Exception {
    write("low: 1\n");
    var source = new TestSource(file());
    var live = source.load();
    try (var signals = new SignalBus(10, clock, metrics);
        var reloader = new Reloader<>(live, source, List.of(first), signals, clock, metrics)) {
      write("low: 2\n");
      first.mayPrepare =
          new CountDownLatch(1); // so that the reload cannot end before the wait for it
      Thread.currentThread().interrupt();
      assertThat(interruptedDuring(reloader)).isTrue();
      first.mayPrepare.countDown();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (live.get().low() != 2 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(live.get().low()).isEqualTo(2);
    }
  }

  private static boolean interruptedDuring(Reloader<TestConfig> reloader) {
    try {
      reloader.reload(Origin.REST, false);
      return false;
    } catch (InterruptedException asked) {
      return true; // and the flag is cleared, as the test wants it
    }
  }

  /// Each configuration a part was given begins where the one before ended.
  private static void assertChain(RecordingPart part, TestConfig active) {
    for (int i = 1; i < part.befores().size(); i++) {
      assertThat(part.befores().get(i)).as("change %d", i).isSameAs(part.committed().get(i - 1));
    }
    assertThat(part.committed().getLast()).isSameAs(active);
  }

  private Path file() {
    return folder.resolve("it.yaml");
  }

  private void write(String text) throws IOException {
    Files.writeString(file(), text);
  }

  private void replace(String text) throws IOException {
    var temporary = folder.resolve("it.yaml.tmp");
    Files.writeString(temporary, text);
    Files.move(temporary, file(), StandardCopyOption.ATOMIC_MOVE);
  }
}
