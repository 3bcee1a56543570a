package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.pipeline.Pipeline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Configurations, commands and failures in any order, beside a model that knows no threads; and
/// whatever happens, every number is stored once.
@Timeout(120)
class PipelineRandomWalkTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  /// What one pipeline should be.
  private static final class Model {
    String tag;
    boolean autostart;
    boolean wanted;
    boolean paused;
    String state = "Idle";
    boolean stoppedByUs;

    Model(String tag, boolean autostart) {
      this.tag = tag;
      this.autostart = autostart;
      this.wanted = autostart;
    }

    void runs() {
      state = "Running";
      stoppedByUs = false;
    }

    void ends() {
      if (state.equals("Running")) {
        state = "Completed";
        stoppedByUs = true;
      }
    }
  }

  private Map<String, Model> models = new LinkedHashMap<>();
  private boolean allPaused;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void theSetIsAsTheModelSays(long seed) throws Exception {
    var random = new Random(seed);
    try (var world = new World()) {
      var switches = new PipelineSwitches(world.set);
      world.set.open(List.of());
      for (int step = 0; step < 120; step++) {
        var name = NAMES.get(random.nextInt(NAMES.size()));
        var what = "seed " + seed + ", step " + step + ": ";
        switch (random.nextInt(10)) {
          case 0, 1, 2 -> what += reload(world, random);
          case 3 -> what += pause(switches, name);
          case 4 -> what += start(switches, name);
          case 5 -> what += reboot(switches, name);
          case 6 -> {
            what += "pause all";
            assertThat(switches.pauseAll()).isInstanceOf(PipelineOutcome.Done.class);
            allPaused = true;
            models.values().forEach(Model::ends);
          }
          case 7, 8 -> {
            what += "start all";
            assertThat(switches.startAll()).isInstanceOf(PipelineOutcome.Done.class);
            allPaused = false;
            models.values().stream()
                .filter(model -> !model.paused && !model.state.equals("Running"))
                .filter(
                    model ->
                        model.stoppedByUs
                            || model.state.equals("Error")
                            || (model.state.equals("Idle") && model.wanted))
                .forEach(Model::runs);
          }
          default -> what += crash(world, name);
        }
        check(world, what);
      }
      assertThat(world.set.statuses()).hasSize(models.size());
    }
  }

  private String reload(World world, Random random) {
    var next = new LinkedHashMap<String, Model>();
    boolean breaks = random.nextInt(5) == 0;
    var graphs = new ArrayList<NamedGraph>();
    boolean refused = false;
    for (var name : NAMES) {
      if (random.nextInt(4) == 0) {
        continue;
      }
      var old = models.get(name);
      var tag = old == null || random.nextInt(3) == 0 ? name + random.nextInt(1_000) : old.tag;
      boolean autostart = old == null ? random.nextInt(4) > 0 : old.autostart;
      var model = next(old, tag, autostart);
      boolean begins = model != old && model.state.equals("Running");
      if (begins && breaks && !tag.equals(old == null ? "" : old.tag)) {
        world.broken.add(tag);
        refused = true;
      }
      next.put(name, model);
      graphs.add(world.graph(name, tag, name, 0, 10_000, autostart));
    }
    String said = "reload " + graphs.stream().map(NamedGraph::name).toList();
    try {
      world.set.prepare(graphs).commit();
      assertThat(refused).as(said).isFalse();
      models = next;
    } catch (ProblemException problem) {
      assertThat(refused).as(said + ": " + problem.getMessage()).isTrue();
      said += ", refused";
    }
    world.broken.clear();
    return said;
  }

  private Model next(@Nullable Model old, String tag, boolean autostart) {
    if (old == null) {
      var fresh = new Model(tag, autostart);
      if (autostart && !allPaused) {
        fresh.runs();
      }
      return fresh;
    }
    if (old.tag.equals(tag)) {
      return old;
    }
    var changed = new Model(tag, autostart);
    changed.paused = old.paused;
    changed.wanted = autostart || old.wanted;
    if (changed.wanted && !changed.paused && !allPaused) {
      changed.runs();
    }
    return changed;
  }

  private String pause(PipelineSwitches switches, String name) throws Exception {
    var outcome = switches.pause(name);
    var model = models.get(name);
    if (model == null) {
      assertThat(outcome).isInstanceOf(PipelineOutcome.Unknown.class);
    } else {
      assertThat(((PipelineOutcome.Done) outcome).applied()).isEqualTo(!model.paused);
      model.paused = true;
      model.ends();
    }
    return "pause " + name;
  }

  private String start(PipelineSwitches switches, String name) throws Exception {
    var outcome = switches.start(name);
    var model = models.get(name);
    if (model != null) {
      boolean applied = allPaused ? model.paused || !model.wanted : !model.state.equals("Running");
      assertThat(((PipelineOutcome.Done) outcome).applied()).isEqualTo(applied);
      model.paused = false;
      model.wanted = true;
      if (!allPaused) {
        model.runs();
      }
    }
    return "start " + name;
  }

  private String reboot(PipelineSwitches switches, String name) throws Exception {
    var outcome = switches.reboot(name);
    var model = models.get(name);
    if (model != null && allPaused) {
      assertThat(outcome).isInstanceOf(PipelineOutcome.Held.class);
    } else if (model != null) {
      assertThat(((PipelineOutcome.Done) outcome).applied()).isTrue();
      model.paused = false;
      model.wanted = true;
      model.runs();
    }
    return "reboot " + name;
  }

  private String crash(World world, String name) {
    var model = models.get(name);
    if (model != null && model.state.equals("Running")) {
      world.crash(model.tag);
      var pipeline = world.set.find(name).orElseThrow();
      World.until(name + " has crashed", () -> pipeline.end().isDone());
      world.crashing.clear();
      model.state = "Error";
    }
    return "crash " + name;
  }

  private void check(World world, String what) {
    assertThat(world.set.running())
        .as(what)
        .extracting(Pipeline::name)
        .containsExactlyElementsOf(models.keySet());
    models.forEach(
        (name, model) -> {
          var status = world.status(name);
          assertThat(status.state().name()).as(what + ", " + name).isEqualTo(model.state);
          assertThat(status.paused()).as(what + ", " + name).isEqualTo(model.paused || allPaused);
        });
    world.disks.forEach(
        (path, disk) -> {
          assertThat(disk.wrong).as(what + ", numbers out of the row in " + path).isZero();
          assertThat(disk.mostWriters).as(what + ", writers of " + path).isLessThan(2);
        });
  }

  @Test
  void overFiftyChangesEveryNumberIsStoredOnce() throws Exception {
    try (var world = new World()) {
      world.set.open(List.of(world.graph("x"), world.graph("calm")));
      var calm = world.set.find("calm").orElseThrow();
      for (int change = 0; change < 50; change++) {
        world.awaitFlow("x");
        world.apply(world.graph("x", "v" + change), world.graph("calm"));
      }
      world.awaitFlow("x");
      assertThat(world.set.find("calm").orElseThrow()).isSameAs(calm);
      assertThat(world.disk("x").wrong).isZero();
      assertThat(world.disk("x").mostWriters).isEqualTo(1);
      assertThat(world.disk("x").last).isGreaterThan(50);
    }
  }
}
