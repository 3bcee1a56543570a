package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.pipeline.ApplyReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pipelines that run while their graphs change.
@Timeout(60)
class InPlaceTest {
  private final World world = new World();
  private final PipelineSet set = world.set;

  @AfterEach
  void stop() {
    world.close();
  }

  private Pipeline run(String name) {
    return set.find(name).orElseThrow();
  }

  private String tag(String name) {
    return run(name).graph().nodes().get(1).config().toString();
  }

  private List<PipelineChange> applied(NamedGraph... graphs) throws ProblemException {
    var change = set.prepare(List.of(graphs));
    change.commit();
    return change.changes();
  }

  private static PipelineChange inPlace(String name) {
    return new PipelineChange.InPlace(
        name,
        new ApplyReport.Applied(List.of("count", "store"), List.of("pass"), List.of(), List.of()));
  }

  private void nothingIsLostOrDoubled(String... paths) {
    for (var path : paths) {
      world.awaitFlow(path);
      assertThat(world.disk(path).wrong).as(path).isZero();
      assertThat(world.disk(path).mostWriters).as(path).isEqualTo(1);
    }
  }

  @Test
  void aRunGoesOnWithTheOtherGraphAndSaysSo() throws Exception {
    set.open(List.of(world.graph("x", "one"), world.graph("calm")));
    world.awaitFlow("x");
    var run = run("x");

    assertThat(applied(world.graph("x", "two"), world.graph("calm"))).containsExactly(inPlace("x"));

    assertThat(run("x")).isSameAs(run);
    assertThat(tag("x")).contains("two");
    assertThat(world.status("x").reason()).isEqualTo("ConfigChanged");
    nothingIsLostOrDoubled("x", "calm");
    World.until("it is announced", () -> world.transitions.size() == 3);
    assertThat(world.transitions)
        .contains(new PipelineTransition("x", "Running", "Running", "ConfigChanged"));
    assertThat(world.metrics.count(PipelineMetric.TRANSITIONS, "ConfigChanged")).isEqualTo(1);
  }

  @Test
  void whatTakesANewRunGetsOneAndSaysWhy() throws Exception {
    set.open(List.of(world.graph("x"), world.graph("y")));
    List.of("x", "y").forEach(world::awaitFlow);
    var x = run("x");
    var y = run("y");

    var changes = applied(world.graph("x", "two"), world.graph("y", "", "y", 1_000_000));

    assertThat(changes).hasSize(2).contains(inPlace("x"));
    assertThat(changes.toString()).contains("NewRun[pipeline=y").contains("the source count");
    assertThat(run("x")).isSameAs(x);
    assertThat(run("y")).isNotSameAs(y);
    nothingIsLostOrDoubled("x", "y");
    assertThat(PipelineChange.toJson(changes).toString())
        .contains(
            "{\"pipeline\":\"x\",\"in_place\":true,\"kept\":[\"count\",\"store\"],"
                + "\"changed\":[\"pass\"],\"added\":[],\"removed\":[]}")
        .contains("\"in_place\":false,\"why\":");
  }

  @Test
  void whereTheSecondIsRefusedTheFirstIsAsBefore() throws Exception {
    var before = List.of(world.graph("x", "one"), world.graph("y"), world.graph("gone"));
    set.open(before);
    world.awaitFlow("x");
    var runs = List.copyOf(set.running());
    world.broken.add("broken");

    for (int attempt = 0; attempt < 20; attempt++) {
      assertThatThrownBy(
              () ->
                  world.apply(
                      world.graph("x", "two"), world.graph("y", "broken"), world.graph("new")))
          .hasMessageContaining("the pipeline y was not changed: node pass: broken on purpose");
    }

    assertThat(world.metrics.count(PipelineMetric.TRANSITIONS, "ConfigChanged")).isZero();
    assertThat(set.running()).containsExactlyElementsOf(runs);
    for (var one : before) {
      assertThat(run(one.name()).graph()).isSameAs(one.graph());
      nothingIsLostOrDoubled(one.name());
    }
    assertThat(world.disk("new").writers).isZero();
    assertThat(applied(world.graph("x", "two"), world.graph("y"), world.graph("gone")))
        .containsExactly(inPlace("x"));
  }

  @Test
  void whereARunCannotBeginThoseThatWentOnHaveTheirOldGraphsBack() throws Exception {
    set.open(List.of(world.graph("x", "one"), world.graph("y")));
    List.of("x", "y").forEach(world::awaitFlow);
    var x = run("x");
    world.broken.add("broken");

    assertThatThrownBy(
            () ->
                world.apply(
                    world.graph("x", "two"),
                    world.graph("y", "", "y", 1_000_000), // a new run
                    world.graph("z", "broken")))
        .hasMessageContaining("the pipeline z cannot start");

    assertThat(run("x")).isSameAs(x);
    assertThat(tag("x")).contains("one");
    assertThat(set.find("z")).isEmpty();
    nothingIsLostOrDoubled("x", "y");
  }

  @Test
  void aSinkThatTakesNothingHasAChangeOfWhatFeedsItRefusedInTime() throws Exception {
    set.open(List.of(world.graph("stuck", "one", "stuck", 0, 300, true), world.graph("x", "one")));
    List.of("stuck", "x").forEach(world::awaitFlow);
    world.stuck.add("stuck");
    World.until(
        "frames wait",
        () -> run("stuck").snapshot().edges().stream().allMatch(edge -> edge.fill() == 1));
    var runs = List.copyOf(set.running());

    assertThatThrownBy(
            () ->
                world.apply(
                    world.graph("stuck", "two", "stuck", 0, 300, true), world.graph("x", "two")))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refused -> {
              assertThat(refused.problem().code()).isEqualTo("E_CHANGE");
              assertThat(refused.problem().fix()).contains("stop the pipeline");
            });

    assertThat(world.metrics.count(PipelineMetric.TRANSITIONS, "ConfigChanged")).isZero();
    assertThat(set.running()).containsExactlyElementsOf(runs);
    assertThat(tag("x")).contains("one");
    assertThat(tag("stuck")).contains("one");
    world.release();
    nothingIsLostOrDoubled("stuck", "x");
    assertThat(applied(world.graph("stuck", "two", "stuck", 0, 300, true), world.graph("x", "two")))
        .containsExactly(inPlace("stuck"), inPlace("x"));
    nothingIsLostOrDoubled("stuck", "x");
  }

  @Test
  void aRunThatFailsMeanwhileIsReplaced() throws Exception {
    set.open(List.of(world.graph("x", "v0")));
    for (int i = 0; i < 20; i++) {
      world.awaitFlow("x");
      world.crash("v" + i);
      world.apply(world.graph("x", "v" + (i + 1)));
      assertThat(world.state("x")).isEqualTo("Running");
      assertThat(tag("x")).contains("v" + (i + 1));
    }
    nothingIsLostOrDoubled("x");
  }

  @Test
  void oneThatStandsStillDrainsAndStarts() throws Exception {
    set.open(List.of(world.graph("x", "one")));
    world.awaitFlow("x");
    assertThat(run("x").pause(Duration.ofSeconds(10))).isNotNull();
    assertThat(applied(world.graph("x", "two")))
        .containsExactly(new PipelineChange.NewRun("x", "it was Paused"));
    assertThat(world.state("x")).isEqualTo("Running");
    nothingIsLostOrDoubled("x");
  }

  @Test
  void aSinkThatMovesFromOnePipelineToAnotherHasOneWriterAtATime() throws Exception {
    var both = world.graph("x", "x", "x", "shared");
    var one = world.graph("y", "y", "y", 0);
    set.open(List.of(both, one));
    List.of("x", "y", "shared").forEach(world::awaitFlow);

    var alone = world.graph("x", "x", "x", 0);
    for (int i = 0; i < 10; i++) {
      boolean there = i % 2 == 0;
      world.apply(there ? alone : both, there ? world.graph("y", "y", "y", "shared") : one);
      world.awaitFlow("shared");
      assertThat(world.disks.values()).allMatch(disk -> disk.mostWriters == 1);
    }
  }

  @Test
  void aSinkOfAPipelineThatStillDrainsIsWaitedFor() throws Exception {
    set.open(List.of(world.graph("x"), world.graph("gone")));
    List.of("x", "gone").forEach(world::awaitFlow);
    world.stuck.add("gone");
    world.apply(world.graph("x"));
    var change =
        java.util.concurrent.CompletableFuture.runAsync(
            () -> {
              try {
                world.apply(world.graph("x", "", "x", "gone"));
              } catch (ProblemException problem) {
                throw new IllegalStateException(problem);
              }
            });
    world.release();
    change.join();
    world.awaitFlow("gone");
    assertThat(world.disk("gone").mostWriters).isEqualTo(1);
  }

  @Test
  void aGraphFromTheNetworkIsNotLentWhatTheConfiguredOneIs() throws Exception {
    set.open(List.of(world.graph("x", "/one")));
    world.awaitFlow("x");
    var run = run("x");
    assertThatThrownBy(() -> set.change("x", world.graph("x", "/two").graph()))
        .hasMessageContaining("leaves the data directory");
    assertThat(set.change("x", world.graph("x", "two").graph())).contains(inPlace("x"));
    assertThat(applied(world.graph("x", "/one"))).containsExactly(inPlace("x"));
    assertThat(run("x")).isSameAs(run);
    nothingIsLostOrDoubled("x");
  }

  @Test
  void aConfiguredOneThatWasChangedIsStillTheConfigurations() throws Exception {
    set.open(List.of(world.graph("x", "one")));
    var _ = set.change("x", world.graph("x", "two").graph());
    var _ = set.change("x", world.graph("x", "three").graph());
    assertThat(set.origin("x")).isEqualTo(NamedGraph.Origin.API);
    assertThat(set.configured("x")).isTrue();
    assertThatThrownBy(() -> set.remove("x")).hasMessageContaining("configuration");
    world.apply();
    assertThat(set.find("x")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {41, 42, 43})
  void changesTakenBackAtAnyTimeLoseNothing(long seed) throws Exception {
    var random = new Random(seed);
    var names = List.of("a", "b", "c");
    var now = new ArrayList<>(names.stream().map(name -> world.graph(name, "0")).toList());
    set.open(now);
    names.forEach(world::awaitFlow);
    var runs = List.copyOf(set.running());
    world.broken.add("broken");
    for (int step = 0; step < 40; step++) {
      var next = new ArrayList<>(now);
      boolean refused = false;
      for (int i = 0; i < names.size(); i++) {
        if (random.nextInt(3) > 0) {
          boolean breaks = random.nextInt(6) == 0;
          refused |= breaks;
          next.set(i, world.graph(names.get(i), breaks ? "broken" : "t" + step));
        }
      }
      var about = "seed " + seed + ", step " + step;
      try {
        var change = set.prepare(next);
        assertThat(refused).as(about).isFalse();
        if (random.nextBoolean()) {
          change.rollBack();
        } else {
          change.commit();
          now = next;
        }
      } catch (ProblemException problem) {
        assertThat(refused).as(about + problem).isTrue();
      }
      assertThat(set.running()).as(about).containsExactlyElementsOf(runs);
      for (int i = 0; i < names.size(); i++) {
        assertThat(run(names.get(i)).graph()).as(about).isSameAs(now.get(i).graph());
      }
    }
    assertThat(runs).allMatch(run -> run.state() instanceof PipelineState.Running);
    nothingIsLostOrDoubled("a", "b", "c");
  }
}
