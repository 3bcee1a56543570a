package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.pipeline.DrainReport;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a set of pipelines begins, ends and speaks of itself.
@Timeout(60)
class PipelineSetLifeTest {
  private final World world = new World();
  private final PipelineSet set = world.set;
  private final PipelineSwitches switches = new PipelineSwitches(set);

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void aSetThatCannotOpenClosesWhatItHasStarted() throws Exception {
    world.broken.add("broken");
    assertThatThrownBy(() -> set.open(List.of(world.graph("x"), world.graph("y", "broken"))))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("the pipeline y cannot start");
    assertThat(set.running()).isEmpty();
    assertThat(world.disk("x").writers).isZero();
    assertThatThrownBy(() -> set.prepare(List.of())).hasMessageContaining("starting or stopping");
    set.open(List.of(world.graph("x")));
    assertThatThrownBy(() -> set.open(List.of())).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void stoppingDrainsAllAtOnceUnderOneDeadline() throws Exception {
    set.open(List.of(world.graph("a"), world.graph("b"), world.graph("c"), world.graph("gone")));
    List.of("a", "b", "c", "gone").forEach(world::awaitFlow);
    world.stuck.addAll(List.of("a", "b", "gone"));
    world.apply(world.graph("a"), world.graph("b"), world.graph("c"));

    long before = System.nanoTime();
    var stopped = set.stopAll(Duration.ofMillis(300));

    assertThat(System.nanoTime() - before).isLessThan(Duration.ofSeconds(8).toNanos());
    assertThat(stopped)
        .extracting(PipelineSet.Stopped::name)
        .containsExactly("a", "b", "c", "gone");
    assertThat(stopped.get(0).report()).isInstanceOf(DrainReport.TimedOut.class);
    assertThat(stopped.get(1).report()).isInstanceOf(DrainReport.TimedOut.class);
    assertThat(stopped.get(2).report()).isInstanceOf(DrainReport.Clean.class);
    assertThatThrownBy(() -> set.prepare(List.of())).isInstanceOf(ProblemException.class);
    assertThat(switches.start("a")).isInstanceOf(PipelineOutcome.Busy.class);
  }

  @Test
  void waitingForAllEndsWhenEachHasEndedByItself() throws Exception {
    set.open(
        List.of(
            world.graph("x", "", "x", 500),
            world.graph("y"),
            world.graph("w", "", "w", 0, 10, false)));
    var all =
        CompletableFuture.runAsync(
            () -> {
              try {
                set.awaitAll();
              } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
              }
            });
    world.awaitState("x", "Completed");
    assertThat(switches.pause("y")).isInstanceOf(PipelineOutcome.Done.class);
    assertThat(all).isNotDone();
    long last = world.disk("y").last + 10;
    world.apply(
        world.graph("x", "", "x", 500),
        world.graph("y", "", "y", last),
        world.graph("w", "", "w", 0, 10, false));
    assertThat(all).isNotDone();
    assertThat(switches.start("y")).isInstanceOf(PipelineOutcome.Done.class);
    all.get(20, TimeUnit.SECONDS);
    assertThat(world.disk("y").last).isEqualTo(last);
  }

  @Test
  void whatHappensIsAnnouncedWithItsReason() throws Exception {
    set.open(List.of(world.graph("x", "x")));
    assertThat(switches.pause("x")).isInstanceOf(PipelineOutcome.Done.class);
    assertThat(switches.start("x")).isInstanceOf(PipelineOutcome.Done.class);
    world.crash("x");
    world.awaitState("x", "Error");
    World.until("four are announced", () -> world.transitions.size() == 4);
    assertThat(world.transitions)
        .containsExactly(
            new PipelineTransition("x", "Running", "Idle", "ConfigAdded"),
            new PipelineTransition("x", "Completed", "Running", "AdminPause"),
            new PipelineTransition("x", "Running", "Idle", "AdminStart"),
            new PipelineTransition("x", "Error", "Running", "Crashed"));
    assertThat(world.status("x").healthy()).isFalse();
    assertThat(world.status("x").reason()).isEqualTo("Crashed");
    assertThat(world.metrics.count(PipelineMetric.TRANSITIONS, "AdminPause")).isEqualTo(1);
  }

  @Test
  void aStartThatFailsShowsItsFailureAndKeepsTheLatch() throws Exception {
    set.open(List.of(world.graph("x", "x")));
    assertThat(switches.pause("x")).isInstanceOf(PipelineOutcome.Done.class);
    world.broken.add("x");
    assertThat(switches.start("x")).isInstanceOf(PipelineOutcome.NotStarted.class);
    assertThat(world.status("x").paused()).isTrue();
    assertThat(world.state("x")).isEqualTo("Error");
    var all = (PipelineOutcome.Done) switches.startAll();
    assertThat(all.failed()).isEmpty(); // it is still held on its own account
    world.broken.clear();
    assertThat(((PipelineOutcome.Done) switches.start("x")).applied()).isTrue();
    world.awaitFlow("x");
  }

  @Test
  void gaugesFollowTheRunThatIsThere() throws Exception {
    set.open(List.of(world.graph("x")));
    var running = EngineMetric.PIPELINE_STATE.metricName() + "{pipeline=\"x\",state=\"Running\"} ";
    assertThat(world.metrics.exposition()).asString().contains(running + "1");
    assertThat(switches.pause("x")).isInstanceOf(PipelineOutcome.Done.class);
    assertThat(world.metrics.exposition()).asString().contains(running + "0");
    assertThat(world.metrics.exposition()).asString().contains("pipeline_paused 1");
    assertThat(switches.start("x")).isInstanceOf(PipelineOutcome.Done.class);
    world.apply(world.graph("x", "other"));
    assertThat(world.metrics.exposition()).asString().contains(running + "1");
  }
}
