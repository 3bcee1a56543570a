package dev.millrace.control.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamedGraphTest {
  private final World world = new World();

  @AfterEach
  void stop() {
    world.close();
  }

  @Test
  void anotherGraphDrainTimeoutAutostartOrAuthorMakesAnotherPipeline() {
    var one = world.graph("n");
    assertThat(one.sameAs(world.graph("n"))).isTrue();
    assertThat(one.sameAs(world.graph("n", "other"))).isFalse();
    assertThat(one.sameAs(world.graph("n", "", "n", 0, 7, true))).isFalse();
    assertThat(one.sameAs(world.graph("n", "", "n", 0, 10_000, false))).isFalse();
    assertThat(one.sameAs(one.changedTo(one.graph()))).isFalse();
    assertThat(one.changedTo(one.graph()).configured()).isTrue();
  }
}
