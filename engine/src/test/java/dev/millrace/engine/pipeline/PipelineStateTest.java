package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PipelineStateTest {
  private static final List<PipelineState> STATES =
      List.of(
          new PipelineState.Idle(),
          new PipelineState.Initializing(),
          new PipelineState.Running(),
          new PipelineState.Paused(),
          new PipelineState.Completed(3),
          new PipelineState.Error("x", true));

  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "Idle", Set.of("Initializing"),
          "Initializing", Set.of("Running", "Error"),
          "Running", Set.of("Paused", "Completed", "Error"),
          "Paused", Set.of("Running", "Completed", "Error"),
          "Completed", Set.of("Idle"),
          "Error", Set.of("Idle"));

  @Test
  void aRandomWalkGoesExactlyWhereTheTableAllows() {
    for (long seed = 1; seed <= 100; seed++) {
      var random = new Random(seed);
      try (var signals = new SignalBus(1_000, new FakeClock(), new Metrics())) {
        var holder = new StateHolder("p", new FakeClock(), signals);
        var model = "Idle";
        for (int step = 0; step < 100; step++) {
          var next = STATES.get(random.nextInt(STATES.size()));
          boolean allowed = ALLOWED.getOrDefault(model, Set.of()).contains(next.name());
          assertThat(holder.tryMove(next)).as("seed %s step %s", seed, step).isEqualTo(allowed);
          model = allowed ? next.name() : model;
          assertThat(holder.get().name()).as("seed %s step %s", seed, step).isEqualTo(model);
        }
      }
    }
  }

  @Test
  void aRefusedTransitionSaysSoAndChangesNothing() {
    try (var signals = new SignalBus(10, new FakeClock(), new Metrics())) {
      var holder = new StateHolder("p", new FakeClock(), signals);
      assertThatThrownBy(() -> holder.move(new PipelineState.Running()))
          .hasMessage("Invalid state transition: Idle -> Running");
      assertThat(holder.get()).isEqualTo(new PipelineState.Idle());
    }
  }

  @Test
  void anErrorThatIsNotRecoverableIsTheEnd() {
    var error = new PipelineState.Error("x", false);
    assertThat(STATES).noneMatch(error::mayBecome);
  }
}
