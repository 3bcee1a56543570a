package dev.millrace.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private final FakeClock clock = new FakeClock();
  private final Deadlines deadlines = new Deadlines(clock);

  @Test
  void aMissedDeadlineRunsOnceAndMayBeSetAgain() {
    var missed = new ArrayList<String>();
    var deadline = deadlines.create(() -> missed.add("missed"));
    deadline.set(Duration.ofSeconds(1));
    clock.advance(Duration.ofMillis(999));
    deadlines.sweep();
    assertThat(missed).isEmpty();
    clock.advance(Duration.ofMillis(1));
    deadlines.sweep();
    deadlines.sweep();
    assertThat(missed).hasSize(1);
    deadline.set(Duration.ZERO);
    deadlines.sweep();
    assertThat(missed).hasSize(2);
    assertThat(deadlines.size()).isZero();
  }

  @Test
  void aMissMayClearAndSetOthers() {
    var missed = new ArrayList<String>();
    var other = deadlines.create(() -> missed.add("other"));
    var first =
        deadlines.create(
            () -> {
              missed.add("first");
              other.clear();
            });
    other.set(Duration.ZERO);
    first.set(Duration.ZERO);
    deadlines.sweep();
    assertThat(missed).containsExactly("first");
  }

  @Test
  void agreesWithAMapOverARandomWalk() {
    long seed = 17;
    var random = new Random(seed);
    var missed = new TreeSet<Integer>();
    var model = new HashMap<Integer, Long>();
    var all = new ArrayList<Deadlines.Deadline>();
    for (int i = 0; i < 20; i++) {
      int number = i;
      all.add(deadlines.create(() -> missed.add(number)));
    }
    for (int step = 0; step < 20_000; step++) {
      int number = random.nextInt(20);
      switch (random.nextInt(3)) {
        case 0 -> {
          int millis = random.nextInt(50);
          all.get(number).set(Duration.ofMillis(millis));
          model.put(number, clock.nanoTime() + millis * 1_000_000L);
        }
        case 1 -> {
          all.get(number).clear();
          model.remove(number);
        }
        default -> {
          clock.advance(Duration.ofMillis(random.nextInt(20)));
          missed.clear();
          deadlines.sweep();
          var expected = new TreeSet<Integer>();
          model.forEach(
              (key, due) -> {
                if (due <= clock.nanoTime()) {
                  expected.add(key);
                }
              });
          model.keySet().removeAll(expected);
          assertThat(missed).as("seed %s step %s", seed, step).isEqualTo(expected);
        }
      }
      assertThat(deadlines.size()).isEqualTo(model.size());
      assertThat(all.get(number).isSet()).isEqualTo(model.containsKey(number));
    }
  }
}
