package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ActivityTest {
  private final FakeClock clock = new FakeClock();
  private final Activity activity = new Activity(clock);

  /// A stretch of time and what the chain did in it.
  private record Stretch(long nanos, Kind kind) {}

  private enum Kind {
    TURN,
    BLOCKED,
    REST
  }

  @Test
  void aChainThatAlternatesShowsItsShares() {
    for (int i = 0; i < 1_000; i++) {
      turn(2, false, true);
      clock.advance(Duration.ofMillis(6));
      turn(1, false, false);
      clock.advance(Duration.ofMillis(1));
    }
    assertThat(activity.read().busy()).isCloseTo(0.3, within(0.001));
    assertThat(activity.read().blocked()).isCloseTo(0.6, within(0.001));
  }

  @Test
  void aHoldUpAndATurnShowWhileTheyLast() {
    turn(1, false, true);
    clock.advance(Duration.ofMinutes(1));
    assertThat(activity.read().blocked()).isGreaterThan(0.99);
    assertThat(activity.read().busy()).isLessThan(0.01);
    assertThat(activity.read().working()).isFalse();

    activity.turnBegins(clock.nanoTime());
    clock.advance(Duration.ofHours(10));
    assertThat(activity.read().busy()).isGreaterThan(0.99);
    assertThat(activity.read().blocked()).isLessThan(0.01);
    assertThat(activity.read().working()).isTrue();
    assertThat(clock.nanoTime() - activity.read().sinceNanos())
        .isEqualTo(Duration.ofHours(10).toNanos());
  }

  @Test
  void workIsForgottenWhenTheChainRests() {
    for (int i = 0; i < 100; i++) {
      turn(1_000, true, false);
    }
    assertThat(activity.read().busy()).isEqualTo(1);

    clock.advance(Duration.ofMinutes(10));

    assertThat(activity.read().busy()).isLessThan(0.02);
  }

  @Test
  void atWorkMeansSinceTheFirstOfManyTurnsInARow() {
    clock.advance(Duration.ofSeconds(1));
    long first = clock.nanoTime();
    turn(5, true, false);
    turn(5, true, false);
    assertThat(activity.read().working()).isTrue();
    assertThat(activity.read().sinceNanos()).isEqualTo(first);

    turn(5, false, false);
    long rest = clock.nanoTime();
    clock.advance(Duration.ofSeconds(3));

    assertThat(activity.read().working()).isFalse();
    assertThat(activity.read().sinceNanos()).isEqualTo(rest);
  }

  @Test
  void aRandomWalkStaysWithTheSharesOfTheLastSeconds() {
    for (long seed = 1; seed <= 50; seed++) {
      walk(seed);
    }
  }

  private static void walk(long seed) {
    var random = new Random(seed);
    var clock = new FakeClock();
    var activity = new Activity(clock);
    var model = new ArrayList<Stretch>();
    boolean blocked = false;
    for (int step = 0; step < 400; step++) {
      var pause = Duration.ofMillis(random.nextInt(40));
      clock.advance(pause);
      model.add(new Stretch(pause.toNanos(), blocked ? Kind.BLOCKED : Kind.REST));
      activity.turnBegins(clock.nanoTime());
      var length = Duration.ofMillis(random.nextInt(30));
      clock.advance(length);
      model.add(new Stretch(length.toNanos(), Kind.TURN));
      blocked = random.nextInt(3) == 0;
      activity.turnEnds(clock.nanoTime(), !blocked && random.nextBoolean(), blocked);

      var reading = activity.read();
      var about = "seed " + seed + " step " + step + " " + reading;
      assertThat(isShareOfARecentSpan(model, Kind.TURN, reading.busy())).as(about).isTrue();
      assertThat(isShareOfARecentSpan(model, Kind.BLOCKED, reading.blocked())).as(about).isTrue();
    }
  }

  /// Whether some span that ends now and begins at one of the model's stretches, at most two
  /// windows and a stretch ago and at least one unless there is no more, has that share.
  private static boolean isShareOfARecentSpan(List<Stretch> model, Kind kind, double share) {
    long span = 0;
    long of = 0;
    for (var stretch : model.reversed()) {
      span += stretch.nanos;
      of += stretch.kind == kind ? stretch.nanos : 0;
      if (span > 2 * Activity.WINDOW_NANOS + 100_000_000) {
        return false;
      }
      if (Math.abs(share - (span == 0 ? 0 : (double) of / span)) < 1e-9) {
        return true;
      }
    }
    return false;
  }

  private void turn(long millis, boolean again, boolean full) {
    activity.turnBegins(clock.nanoTime());
    clock.advance(Duration.ofMillis(millis));
    activity.turnEnds(clock.nanoTime(), again, full);
  }
}
