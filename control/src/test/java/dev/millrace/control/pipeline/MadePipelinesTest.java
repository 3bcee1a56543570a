package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.control.pipeline.NamedGraph.Origin;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Pipelines that no configuration has.
@Timeout(60)
class MadePipelinesTest {
  private final World world = new World();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aReloadLeavesThemAloneUnlessItNamesOneLikeThem() throws Exception {
    world.set.open(java.util.List.of(world.graph("file")));
    world.set.add(made("net"));
    var run = world.set.find("net").orElseThrow();
    world.apply(world.graph("file"), world.graph("more"));
    assertThat(world.set.find("net").orElseThrow()).isSameAs(run);
    assertThat(world.set.origin("net")).isEqualTo(Origin.API);

    world.apply(world.graph("net"));
    assertThat(world.set.origin("net")).isEqualTo(Origin.CONFIG);
    assertThat(world.set.find("file")).isEmpty();
    assertThatThrownBy(() -> world.set.remove("net")).hasMessageContaining("configuration");
  }

  @Test
  void aChangeOfAConfiguredOneHoldsUntilTheNextReload() throws Exception {
    world.set.open(java.util.List.of(world.graph("a")));
    world.awaitFlow("a");
    world.set.change("a", world.graph("a", "other").graph());
    assertThat(world.set.origin("a")).isEqualTo(Origin.API);
    world.awaitFlow("a");
    world.apply(world.graph("a"));
    assertThat(world.set.origin("a")).isEqualTo(Origin.CONFIG);
    world.awaitFlow("a");
    assertThat(world.disk("a").wrong).isZero();
    assertThat(world.disk("a").mostWriters).isEqualTo(1);
  }

  @Test
  void anAdditionThatCannotStartLeavesNothingBehind() throws Exception {
    world.set.open(java.util.List.of());
    world.broken.add("bad");
    var bad = new NamedGraph("b", world.graph("b", "bad").graph(), true, Origin.API);
    assertThatThrownBy(() -> world.set.add(bad)).hasMessageContaining("broken on purpose");
    assertThat(world.set.find("b")).isEmpty();
  }

  @Test
  void whateverTheOrderOfChangesTheNamesAreThoseOfANaiveModel() throws Exception {
    long seed = 4711;
    var random = new Random(seed);
    world.set.open(java.util.List.of());
    var configured = new TreeSet<String>();
    var made = new TreeSet<String>();
    for (int step = 0; step < 200; step++) {
      var name = "p" + random.nextInt(4);
      boolean there = configured.contains(name) || made.contains(name);
      var about = "seed " + seed + ", step " + step + ", " + name;
      switch (random.nextInt(3)) {
        case 0 -> {
          try {
            world.set.add(idle(name, Origin.API));
            assertThat(there).as(about).isFalse();
            made.add(name);
          } catch (dev.millrace.core.problem.ProblemException refused) {
            assertThat(there).as(about).isTrue();
          }
        }
        case 1 -> {
          try {
            world.set.remove(name);
            assertThat(made.remove(name)).as(about).isTrue();
          } catch (dev.millrace.core.problem.ProblemException refused) {
            assertThat(made).as(about).doesNotContain(name);
          }
        }
        default -> {
          configured.clear();
          if (random.nextBoolean()) {
            configured.add(name);
            made.remove(name);
            world.apply(idle(name, Origin.CONFIG));
          } else {
            world.apply();
          }
        }
      }
      var expected = new TreeSet<>(configured);
      expected.addAll(made);
      assertThat(world.set.statuses())
          .as(about)
          .extracting(PipelineStatus::name)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private NamedGraph made(String name) {
    return new NamedGraph(name, world.graph(name).graph(), true, Origin.API);
  }

  private NamedGraph idle(String name, Origin origin) {
    return new NamedGraph(name, world.graph(name).graph(), false, origin);
  }
}
