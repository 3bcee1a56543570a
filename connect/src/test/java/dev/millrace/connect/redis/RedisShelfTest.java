package dev.millrace.connect.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.hub.UserShelf;
import dev.millrace.hub.UserShelf.Taken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RedisShelfTest {
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final UserShelf.Terms TERMS = new UserShelf.Terms(GRACE, 1 << 20);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final FakeRedis redis = new FakeRedis();
  private final RedisShelf here = shelf("here");
  private final RedisShelf there = shelf("there");
  private final Link link =
      redis
          .dialer()
          .dial(
              new Link.Receiver() {
                @Override
                public void received(String channel, byte[] payload) {}

                @Override
                public void subscribed(String channel) {}

                @Override
                public void subscribedPattern(String channels) {}

                @Override
                public void ended() {}
              })
          .toCompletableFuture()
          .join();

  private RedisShelf shelf(String instance) {
    var spec =
        Specs.of(ClusterSpec.Mode.PUBSUB, "redis://h", Duration.ofMillis(200)); // a real time
    return new RedisShelf(instance, spec, clock.nanoTime(), () -> {}, metrics);
  }

  private void step() {
    for (var shelf : List.of(here, there)) {
      while (shelf.step(link, false, clock.nanoTime())) {
        assertThat(shelf.hasWork()).isTrue();
      }
    }
  }

  private UserShelf.Place place(UserShelf shelf, String user) {
    return Objects.requireNonNull(shelf.place(user));
  }

  /// The text that is taken, or the kind of what is said.
  private String take(UserShelf shelf, String user) {
    var taken = shelf.take(user).toCompletableFuture();
    step();
    return switch (taken.join()) {
      case Taken.Found(var what) -> new String(what, StandardCharsets.UTF_8);
      case Taken other -> other.getClass().getSimpleName();
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatAConnectionLeftIsTakenOnceByAnyInstance() {
    var place = place(here, "ann");
    assertThat(place.hold(bytes("a"), TERMS)).isTrue();
    assertThat(take(there, "ann")).isEqualTo("InUse");
    var kept = place.leave(bytes("b"), TERMS).toCompletableFuture();
    assertThat(take(there, "ann")).isEqualTo("b");
    assertThat(kept).isCompleted();
    assertThat(take(there, "ann")).isEqualTo("Nothing");
    assertThat(take(here, "bob")).isEqualTo("Nothing");
  }

  @Test
  void whatConnectionsOfADeadInstanceHeldIsTakenTheNewestFirst() {
    place(here, "ann").hold(bytes("a"), TERMS);
    place(here, "ann").hold(bytes("b"), TERMS);
    step();
    redis.dead.add("here");
    assertThat(take(there, "ann")).isEqualTo("b");
    assertThat(take(there, "ann")).isEqualTo("a");
    assertThat(take(there, "ann")).isEqualTo("Nothing");
  }

  @Test
  void whoSaysGoodbyeLeavesNothing() {
    var place = place(here, "ann");
    place.hold(bytes("a"), TERMS);
    step();
    place.clear();
    place.clear();
    step();
    assertThat(redis.left).isEmpty();
    assertThat(new String(metrics.exposition(), StandardCharsets.UTF_8))
        .contains("millrace_connect_redis_kept_connections 0");
  }

  @Test
  void whatNobodyTookIsForgottenAfterItsTime() {
    place(here, "ann").leave(bytes("a"), TERMS);
    step();
    clock.advance(GRACE.minusMillis(1));
    step();
    assertThat(redis.left).hasSize(1);
    clock.advance(Duration.ofMillis(1));
    step();
    step();
    assertThat(redis.left).isEmpty();
  }

  @Test
  void aUserHasAFewPlacesAndThoseThatEndedMakeRoom() {
    var places = new ArrayList<UserShelf.Place>();
    for (int i = 0; i < LeftPlace.MOST; i++) {
      places.add(place(here, "ann"));
    }
    assertThat(here.place("ann")).isNull();
    assertThat(here.place("bob")).isNotNull();
    places.get(3).leave(bytes("a"), TERMS);
    var again = place(here, "ann");
    again.hold(bytes("b"), TERMS);
    step();
    assertThat(redis.left.keySet()).containsExactly(new LeftPlace("here", "ann", 3));
    assertThat(metrics.count(BrokerMetric.NOT_KEPT, "too_many_connections")).isEqualTo(1);
  }

  @Test
  void memoryIsBoundedAndWhatEndedGoesFirst() {
    var terms = new UserShelf.Terms(GRACE, 1_000);
    place(here, "ann").leave(new byte[300], terms);
    var live = place(here, "bob");
    assertThat(live.hold(new byte[400], terms)).as("the other has to go").isTrue();
    step();
    assertThat(redis.left.keySet()).extracting(LeftPlace::user).containsExactly("bob");
    assertThat(place(here, "carol").hold(new byte[400], terms)).isFalse();
    var refused = place(here, "dan").leave(new byte[400], terms).toCompletableFuture();
    assertThat(refused).isCompletedExceptionally();
    assertThat(live.hold(new byte[2_000], terms)).isFalse();
    step();
    assertThat(redis.left).isEmpty();
    assertThat(metrics.count(BrokerMetric.NOT_KEPT, "memory")).isEqualTo(4);
  }

  @Test
  void whileRedisIsAwayNobodyWaits() {
    var place = place(here, "ann");
    var kept = place.leave(bytes("a"), TERMS).toCompletableFuture();
    var taken = here.take("ann").toCompletableFuture();
    here.step(null, false, clock.nanoTime());
    assertThat(taken).isNotDone();
    here.step(null, true, clock.nanoTime());
    assertThat(taken).isCompletedExceptionally();
    assertThat(kept).isCompletedExceptionally();
    int before = here.generation();
    step();
    assertThat(here.generation()).as("what is held is to be said anew").isGreaterThan(before);
    redis.mood = FakeRedis.Mood.SILENT;
    var unanswered = here.take("ann").toCompletableFuture();
    step();
    assertThat(unanswered)
        .failsWithin(Duration.ofSeconds(5))
        .withThrowableThat()
        .withCauseInstanceOf(java.util.concurrent.TimeoutException.class);
  }

  @Test
  void signsOfLifeKeepWhatIsHeld() {
    place(here, "ann").hold(bytes("a"), TERMS);
    step();
    clock.advance(Duration.ofSeconds(5));
    step();
    assertThat(redis.touched).contains("here 75000");
  }

  @Test
  void manyUsersComeAndGo() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    var expected = new HashMap<String, String>();
    var places = new HashMap<String, UserShelf.Place>();
    for (int i = 0; i < 20_000; i++) {
      var user = "u" + random.nextInt(50);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          if (!expected.containsKey(user)) {
            places.computeIfAbsent(user, name -> place(here, name)).hold(bytes("held"), TERMS);
          }
        }
        case 2 -> {
          var place = places.remove(user);
          if (place != null) {
            place.leave(bytes("left " + i), TERMS);
            expected.put(user, "left " + i);
          }
        }
        case 3 -> {
          var place = places.remove(user);
          if (place != null) {
            place.clear();
          }
        }
        default -> {
          var otherwise = places.containsKey(user) ? "InUse" : "Nothing";
          var said = expected.containsKey(user) ? expected.remove(user) : otherwise;
          assertThat(take(there, user)).as("seed %s, step %s", seed, i).isEqualTo(said);
        }
      }
    }
  }
}
