package dev.millrace.engine.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunQueueTest {
  private static final List<Priority> PRIORITIES =
      List.of(Priority.CRITICAL, Priority.HIGH, Priority.NORMAL, Priority.LOW);

  private final RunQueue queue = new RunQueue();

  @Test
  void theMoreUrgentGoesFirstAndEqualsGoInOrder() {
    var low = submitted(Priority.LOW);
    var normal = submitted(Priority.NORMAL);
    var alsoNormal = submitted(Priority.NORMAL);
    var critical = submitted(Priority.CRITICAL);

    assertThat(queue.take()).isSameAs(critical);
    assertThat(queue.take()).isSameAs(normal);
    assertThat(queue.take()).isSameAs(alsoNormal);
    assertThat(queue.take()).isSameAs(low);
  }

  @Test
  void aLowTaskHasOneTurnInSoManyBesideABusyCriticalOne() {
    var _ = submitted(Priority.LOW);
    var _ = submitted(Priority.CRITICAL);
    var at = Objects.requireNonNull(queue.take());
    int lows = 0;
    for (int turn = 0; turn < 1_600; turn++) {
      var lane = (RunQueue.Lane) at.host();
      lows += lane.equals(queue.lane(Priority.LOW)) ? 1 : 0;
      at = Objects.requireNonNull(lane.exchange(at));
    }
    assertThat(lows).isBetween(1_600 / (RunQueue.MOST_PASSED_OVER + 1), 110);
  }

  /// Against a model that keeps a list per priority and counts who was passed over.
  @Test
  void aRandomWalkServesWhatTheModelServesAndNobodyWaitsForEver() {
    for (long seed = 1; seed <= 50; seed++) {
      var random = new Random(seed);
      var own = new RunQueue();
      var model = new ArrayList<ArrayDeque<Task>>();
      PRIORITIES.forEach(priority -> model.add(new ArrayDeque<>()));
      var passed = new int[4];
      var waited = new ArrayList<Integer>();
      for (int step = 0; step < 2_000; step++) {
        boolean any = model.stream().anyMatch(lane -> !lane.isEmpty());
        if (!any || random.nextInt(100) < 52) {
          int lane = random.nextInt(4);
          var host = own.lane(PRIORITIES.get(lane));
          var task = new Idle(host);
          host.submit(task);
          model.get(lane).add(task);
        } else {
          int expected = -1;
          for (int lane = 0; lane < 4; lane++) {
            if (!model.get(lane).isEmpty()) {
              passed[lane] += expected < 0 ? 0 : 1;
              expected = expected < 0 ? lane : expected;
            }
          }
          int first = expected;
          for (int lane = first + 1; lane < 4; lane++) {
            if (!model.get(lane).isEmpty() && passed[lane] >= RunQueue.MOST_PASSED_OVER) {
              expected = lane;
            }
          }
          waited.add(passed[expected]);
          passed[expected] = 0;
          assertThat(own.take())
              .as("seed %s step %s", seed, step)
              .isSameAs(model.get(expected).remove());
        }
      }
      assertThat(waited).as("seed %s", seed).allMatch(turns -> turns < 20);
    }
  }

  private Task submitted(Priority priority) {
    var task = new Idle(queue.lane(priority));
    queue.lane(priority).submit(task);
    return task;
  }

  private static final class Idle extends Task {
    Idle(Host host) {
      super(host);
    }

    @Override
    protected Turn turn() {
      return Turn.PARK;
    }

    @Override
    protected void held(Duration held, StackTraceElement[] stack) {}
  }
}
