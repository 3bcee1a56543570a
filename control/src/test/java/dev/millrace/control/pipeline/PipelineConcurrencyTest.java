package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several operators and a configuration that changes, all at the same time.
@Timeout(120)
class PipelineConcurrencyTest {
  private static final List<String> NAMES = List.of("a", "b", "c");

  private static void reload(World world, Random random) {
    var graphs = new ArrayList<NamedGraph>();
    for (var name : NAMES) {
      if (random.nextInt(4) > 0) {
        var tag = random.nextInt(6) == 0 ? "broken" : name + random.nextInt(2);
        graphs.add(world.graph(name, tag, name, 0));
      }
    }
    try {
      var change = world.set.prepare(graphs);
      if (random.nextInt(4) == 0) {
        change.rollBack();
      } else {
        change.commit();
      }
    } catch (ProblemException refused) {
      assertThat(refused.problem().code()).isIn("E_BROKEN", "E_SHUTTING_DOWN", "E_NOT_SERVING");
    }
  }

  private static void command(PipelineSwitches switches, Random random)
      throws InterruptedException {
    var name = NAMES.get(random.nextInt(NAMES.size()));
    var outcome =
        switch (random.nextInt(6)) {
          case 0 -> switches.pause(name);
          case 1, 2 -> switches.start(name);
          case 3 -> switches.reboot(name);
          case 4 -> switches.pauseAll();
          default -> switches.startAll();
        };
    assertThat(outcome).isNotNull();
  }

  private static List<Future<Boolean>> chaos(
      World world, ExecutorService threads, long seed, int steps) {
    var switches = new PipelineSwitches(world.set);
    var all = new ArrayList<Future<Boolean>>();
    for (int actor = 0; actor < 4; actor++) {
      var random = new Random(seed * 31 + actor);
      boolean reloads = actor < 2;
      Callable<Boolean> acting =
          () -> {
            for (int step = 0; step < steps; step++) {
              if (reloads) {
                reload(world, random);
              } else {
                command(switches, random);
              }
            }
            return true;
          };
      all.add(threads.submit(acting));
    }
    return all;
  }

  private static void nothingLostOrDoubled(World world, long seed) {
    world.disks.forEach(
        (path, disk) -> {
          assertThat(disk.wrong).as("seed " + seed + ", " + path).isZero();
          assertThat(disk.mostWriters).as("seed " + seed + ", " + path).isLessThan(2);
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void whateverHappensAtOnceEndsWhereTheLastWordPutsIt(long seed) throws Exception {
    try (var world = new World();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      world.broken.add("broken");
      world.set.open(List.of());
      for (var one : chaos(world, threads, seed, 40)) {
        assertThat(one.get()).as("seed " + seed).isTrue();
      }

      assertThat(new PipelineSwitches(world.set).startAll()).isNotNull();
      world.apply();
      World.until("all are gone", () -> world.set.leaving().count() == 0);
      world.disks.forEach(
          (path, disk) -> assertThat(disk.writers).as("seed " + seed + ", " + path).isZero());
      world.apply(world.graph("a"), world.graph("b"), world.graph("c"));
      NAMES.forEach(world::awaitFlow);
      nothingLostOrDoubled(world, seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void stoppingInTheMiddleOfEverythingLosesAndDoublesNothing(long seed) throws Exception {
    try (var world = new World(Duration.ofSeconds(2));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      world.broken.add("broken");
      world.set.open(List.of(world.graph("a"), world.graph("b")));
      var all = chaos(world, threads, seed, 30);
      // What comes last may well be a pause before so much has flowed.
      World.until(
          "something has flowed, or everything is over",
          () -> world.disk("a").last > 200 || all.stream().allMatch(Future::isDone));
      assertThat(world.set.stopAll(Duration.ofSeconds(5))).isNotNull();
      for (var one : all) {
        assertThat(one.get()).as("seed " + seed).isTrue();
      }
      World.until(
          "nothing runs", () -> world.disks.values().stream().allMatch(disk -> disk.writers == 0));
      nothingLostOrDoubled(world, seed);
    }
  }
}
