package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.pipeline.Pipeline;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class PipelineSetTest {
  private final World world = new World();
  private final PipelineSet set = world.set;
  private final PipelineSwitches switches = new PipelineSwitches(set);

  @AfterEach
  void stop() {
    world.close();
  }

  private Pipeline run(String name) {
    return set.find(name).orElseThrow();
  }

  /// Brings the pipeline `x` into a state, and returns it as it was declared.
  private NamedGraph bring(String state) throws Exception {
    var graph =
        world.graph(
            "x", "x", "x", state.equals("ended") ? 100 : 0, 10_000, !state.equals("waiting"));
    set.open(List.of(graph));
    switch (state) {
      case "running" -> world.awaitFlow("x");
      case "paused" -> assertThat(switches.pause("x")).isInstanceOf(PipelineOutcome.Done.class);
      case "failed" -> {
        world.crash("x");
        world.awaitState("x", "Error");
        World.until("the run is over", () -> run("x").end().isDone());
        world.crashing.clear();
      }
      case "ended" -> world.awaitState("x", "Completed");
      case "waiting" -> assertThat(world.state("x")).isEqualTo("Idle");
      default -> throw new IllegalArgumentException(state);
    }
    return graph;
  }

  @ParameterizedTest
  @CsvSource({
    "running, Running",
    "paused, Completed",
    "failed, Error",
    "ended, Completed",
    "waiting, Idle"
  })
  void whatIsTheSameIsNotTouched(String state, String then) throws Exception {
    bring(state);
    var before = run("x");
    long autostart = state.equals("waiting") ? 0 : 1;
    var again = world.graph("x", "x", "x", state.equals("ended") ? 100 : 0, 10_000, autostart == 1);

    world.apply(again, world.graph("y"));

    assertThat(run("x")).isSameAs(before);
    assertThat(world.state("x")).isEqualTo(then);
    assertThat(world.state("y")).isEqualTo("Running");
  }

  @ParameterizedTest
  @CsvSource({
    "running, Running, false, ConfigChanged",
    "paused, Idle, true, ConfigChanged",
    "failed, Running, true, ConfigChanged",
    "ended, Running, true, ConfigChanged",
    "waiting, Idle, true, ConfigChanged"
  })
  void whatIsOtherGoesOnOrBeginsANewRunUnlessItIsHeld(
      String state, String then, boolean fresh, String reason) throws Exception {
    bring(state);
    var before = run("x");

    world.apply(world.graph("x", "other", "x", 0, 10_000, !state.equals("waiting")));

    assertThat(run("x") != before).isEqualTo(fresh);
    assertThat(world.state("x")).isEqualTo(then);
    assertThat(world.status("x").reason()).isEqualTo(reason);
    assertThat(world.status("x").paused()).isEqualTo(state.equals("paused"));
    assertThat(run("x").graph().nodes().get(1).config().toString()).contains("other");
    if (then.equals("Running")) {
      world.awaitFlow("x");
    }
    assertThat(world.disk("x").wrong).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "running, Running",
    "paused, Completed",
    "failed, Error",
    "ended, Completed",
    "waiting, Idle"
  })
  void aChangeThatCannotStartLeavesEverythingAsItWas(String state, String then) throws Exception {
    var graph = bring(state);
    var before = run("x");
    world.broken.add("broken");
    boolean begins = !state.equals("paused") && !state.equals("waiting");

    if (begins) {
      assertThatThrownBy(
              () -> world.apply(world.graph("x", "broken", "x", 0, 10_000, true), world.graph("y")))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining(
              state.equals("running")
                  ? "the pipeline x was not changed: node pass: broken on purpose"
                  : "the pipeline x cannot start: node pass: broken on purpose");
    } else {
      assertThatThrownBy(
              () ->
                  world.apply(
                      world.graph("x", "other", "x", 0, 10_000, state.equals("paused")),
                      world.graph("y", "broken")))
          .isInstanceOf(ProblemException.class);
    }

    assertThat(set.running()).extracting(Pipeline::name).containsExactly("x");
    assertThat(run("x")).isSameAs(before);
    assertThat(run("x").graph()).isSameAs(graph.graph());
    assertThat(world.state("x")).isEqualTo(then);
    if (then.equals("Running")) {
      world.awaitFlow("x");
    }
    assertThat(world.disk("y").writers).isZero();
    assertThat(world.disk("x").wrong).isZero();
    world.apply(world.graph("x", "fine")); // nothing is left locked
  }

  @ParameterizedTest
  @CsvSource({"running, true", "paused, false", "failed, false", "ended, false", "waiting, false"})
  void whatIsGoneDrainsAndReturnsAfresh(String state, boolean flows) throws Exception {
    bring(state);
    world.apply();
    assertThat(set.running()).isEmpty();
    World.until("x is gone", () -> set.leaving().count() == 0);
    assertThat(world.disk("x").writers).isZero();
    assertThat(world.metrics.exposition()).asString().doesNotContain("pipeline=\"x\",state=");

    world.apply(world.graph("x", "x"));

    assertThat(world.state("x")).isEqualTo("Running");
    assertThat(world.status("x").paused()).isFalse();
    assertThat(world.status("x").reason()).isEqualTo("ConfigAdded");
    world.awaitFlow("x");
    assertThat(world.disk("x").wrong).isZero();
    assertThat(flows).isEqualTo(state.equals("running"));
  }

  @ParameterizedTest
  @CsvSource({
    "running, pause, Completed, true",
    "running, start, Running, false",
    "running, reboot, Running, true",
    "paused, pause, Completed, false",
    "paused, start, Running, true",
    "paused, reboot, Running, true",
    "failed, pause, Error, true",
    "failed, start, Running, true",
    "failed, reboot, Running, true",
    "ended, pause, Completed, true",
    "ended, start, Completed, true",
    "ended, reboot, Completed, true",
    "waiting, pause, Idle, true",
    "waiting, start, Running, true",
    "waiting, reboot, Running, true",
  })
  void commandsDoWhatTheySay(String state, String command, String then, boolean applied)
      throws Exception {
    bring(state);
    var outcome =
        switch (command) {
          case "pause" -> switches.pause("x");
          case "start" -> switches.start("x");
          default -> switches.reboot("x");
        };

    assertThat(outcome).isInstanceOf(PipelineOutcome.Done.class);
    assertThat(((PipelineOutcome.Done) outcome).applied()).isEqualTo(applied);
    world.awaitState("x", then);
    assertThat(world.status("x").paused()).isEqualTo(command.equals("pause"));
    assertThat(world.disk("x").wrong).isZero();
  }

  @Test
  void anotherDrainTimeoutOrNameTouchesNoRun() throws Exception {
    set.open(List.of(world.graph("x", "x", "x", 0, 10_000, true)));
    var before = run("x");
    world.apply(world.graph("x", "x", "x", 0, 5, true));
    assertThat(run("x")).isSameAs(before);

    world.stuck.add("x");
    World.until(
        "frames wait",
        () -> run("x").snapshot().edges().stream().anyMatch(edge -> edge.queuedFrames() > 0));
    var paused = (PipelineOutcome.Done) switches.pause("x");
    assertThat(paused.left()).isPositive(); // the new timeout holds
    world.release();
    assertThat(switches.start("x")).isInstanceOf(PipelineOutcome.Done.class);
    world.awaitFlow("x");
    assertThat(world.disk("x").wrong).isZero();
  }

  @Test
  void autostartCanBeTurnedOnAndOff() throws Exception {
    set.open(List.of(world.graph("x", "", "x", 0, 10_000, false)));
    assertThat(world.status("x").healthy()).isTrue();
    world.apply(world.graph("x", "", "x", 0, 10_000, true));
    assertThat(world.state("x")).isEqualTo("Running");
    var running = run("x");
    world.apply(world.graph("x", "", "x", 0, 10_000, false));
    assertThat(run("x")).isSameAs(running);
    assertThat(world.state("x")).isEqualTo("Running");
    assertThat(world.status("x").autostart()).isFalse();
  }

  @Test
  void theLatchOverAllHoldsThoseToComeAndLeavesTheOthersOwnAlone() throws Exception {
    set.open(List.of(world.graph("x"), world.graph("y"), world.graph("z", "", "z", 5)));
    world.awaitState("z", "Completed");
    assertThat(switches.pause("y")).isInstanceOf(PipelineOutcome.Done.class);

    assertThat(((PipelineOutcome.Done) switches.pauseAll()).applied()).isTrue();
    assertThat(((PipelineOutcome.Done) switches.pauseAll()).applied()).isFalse();
    assertThat(set.statuses()).allMatch(PipelineStatus::paused).allMatch(PipelineStatus::healthy);
    world.apply(
        world.graph("x", "other"),
        world.graph("y"),
        world.graph("z", "", "z", 5),
        world.graph("n"));
    assertThat(List.of(world.state("x"), world.state("n"))).containsOnly("Idle");
    assertThat(switches.reboot("x")).isEqualTo(new PipelineOutcome.Held("x"));
    assertThat(((PipelineOutcome.Done) switches.start("n")).applied()).isFalse();
    assertThat(world.state("n")).isEqualTo("Idle");

    assertThat(((PipelineOutcome.Done) switches.startAll()).applied()).isTrue();
    assertThat(world.state("x")).isEqualTo("Running");
    assertThat(world.state("y")).isEqualTo("Completed");
    assertThat(world.status("y").paused()).isTrue();
    assertThat(world.state("z")).isEqualTo("Completed");
    assertThat(world.status("z").paused()).isFalse();
    assertThat(world.state("n")).isEqualTo("Running");
  }

  @Test
  void aSlowDrainDelaysNeitherTheNextReloadNorItsNeighbours() throws Exception {
    set.open(List.of(world.graph("slow"), world.graph("fast")));
    world.awaitFlow("slow");
    world.stuck.add("slow");
    var fast = run("fast");

    world.apply(world.graph("fast")); // slow drains beside this
    world.apply(world.graph("fast"), world.graph("new"));
    assertThat(set.running()).extracting(Pipeline::name).containsExactly("fast", "new");
    assertThat(run("fast")).isSameAs(fast);
    assertThat(world.metrics.exposition()).asString().contains("pipeline_leaving 1");

    var back =
        CompletableFuture.runAsync(
            () -> {
              try {
                world.apply(world.graph("fast"), world.graph("new"), world.graph("slow"));
              } catch (ProblemException problem) {
                throw new IllegalStateException(problem);
              }
            });
    assertThat(switches.pause("fast")).isInstanceOf(PipelineOutcome.Done.class);
    assertThat(back).isNotDone();
    world.release();
    back.get(20, TimeUnit.SECONDS);
    world.awaitFlow("slow");
    assertThat(world.disk("slow").mostWriters).isEqualTo(1);
    assertThat(world.disk("slow").wrong).isZero();
  }

  @Test
  void aRenamedPipelineTakesOverItsStoreWithoutOverlap() throws Exception {
    set.open(List.of(world.graph("old", "", "shared", 0)));
    world.awaitFlow("shared");
    world.apply(world.graph("new", "", "shared", 0));
    assertThat(set.running()).extracting(Pipeline::name).containsExactly("new");
    world.awaitFlow("shared");
    assertThat(world.disk("shared").mostWriters).isEqualTo(1);
    assertThat(world.disk("shared").wrong).isZero();

    world.broken.add("broken");
    assertThatThrownBy(() -> world.apply(world.graph("third", "broken", "shared", 0)))
        .isInstanceOf(ProblemException.class);
    assertThat(world.state("new")).isEqualTo("Running");
    world.awaitFlow("shared");
    assertThat(world.disk("shared").mostWriters).isEqualTo(1);
    assertThat(world.disk("shared").wrong).isZero();
  }

  @Test
  void aPreparedChangeCanBeTakenBack() throws Exception {
    set.open(List.of(world.graph("x"), world.graph("gone")));
    var gone = run("gone");
    var change = set.prepare(List.of(world.graph("x", "other"), world.graph("new")));
    assertThat(set.running()).extracting(Pipeline::name).containsExactly("x", "gone");
    assertThat(world.disk("new").writers).isEqualTo(1);

    change.rollBack();
    change.commit(); // does nothing any more

    assertThat(set.running()).extracting(Pipeline::name).containsExactly("x", "gone");
    assertThat(run("gone")).isSameAs(gone);
    assertThat(world.state("x")).isEqualTo("Running");
    assertThat(world.disk("new").writers).isZero();
    world.awaitFlow("x");
    assertThat(world.disk("x").wrong).isZero();
  }

  @Test
  void whatAHoldHasNotReachedYetIsNotBegunASecondTime() throws Exception {
    try (var world = new World()) {
      world.set.open(List.of(world.graph("a")));
      world.awaitFlow("a");
      world.set.pauseAll(true); // the latch alone, as before its drains have a permit
      var change = world.set.prepare(List.of(world.graph("a", "other")));
      world.set.pauseAll(false);
      change.rollBack();
      world.awaitFlow("a");
      world.set.pauseAll(true);
      world.apply(world.graph("a", "other"));
      World.until("the run before has gone", () -> world.disk("a").writers == 0);
      assertThat(world.disk("a").mostWriters).isEqualTo(1);
      assertThat(world.disk("a").wrong).isZero();
      assertThat(world.state("a")).isEqualTo("Idle");
    }
  }
}
