package dev.millrace.connect.redis;

import static dev.millrace.connect.redis.FakeHub.object;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.hub.Publication;
import dev.millrace.hub.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What becomes of publications while Redis refuses, is silent or is away.
class BrokerOutageTest extends BrokerLoopFixture {
  BrokerOutageTest() {
    super(ClusterSpec.Mode.PUBSUB);
  }

  @Test
  void whatFailsIsTriedTwiceMoreAndThenServedHereAndPutAside() {
    run();
    redis.mood = FakeRedis.Mood.REFUSING;
    publish("a", object("x"));
    run();
    assertThat(hub.delivered()).isEmpty();
    clock.advance(Duration.ofMillis(99));
    run();
    assertThat(metrics.count(BrokerMetric.PUBLISH_FAILURES)).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));
    run();
    assertThat(metrics.count(BrokerMetric.PUBLISH_FAILURES)).isEqualTo(2);
    assertThat(hub.delivered()).isEmpty();
    clock.advance(Duration.ofMillis(200));
    run();
    assertThat(metrics.count(BrokerMetric.PUBLISH_FAILURES)).isEqualTo(3);
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}");
    assertThat(loop.letters().all()).extracting(DeadLetter::error).containsExactly("OOM");
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(1));
    run();
    assertThat(loop.letters().waiting()).isZero();
    assertThat(redis.lists.get("a")).hasSize(1);
  }

  @Test
  void anAttemptThatSucceedsKeepsTheOrder() {
    run();
    redis.mood = FakeRedis.Mood.REFUSING;
    publish("a", object("x"));
    run();
    publish("a", object("y"));
    redis.mood = FakeRedis.Mood.WELL;
    run();
    clock.advance(Duration.ofMillis(100));
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}", "a:{\"y\":1}");
    assertThat(loop.letters().waiting()).isZero();
  }

  @Test
  void whileTheBreakerIsOpenSubscribersAreServedAtOnceUntilThreeProbesSucceed() {
    run();
    redis.mood = FakeRedis.Mood.REFUSING;
    for (int i = 0; i < 10; i++) {
      publish("a", object("x" + i));
    }
    run();
    assertThat(hub.count()).isEqualTo(10);
    assertThat(loop.trouble()).contains("breaker");
    redis.mood = FakeRedis.Mood.WELL;
    publish("a", object("during"));
    run();
    assertThat(hub.delivered()).last().isEqualTo("a:{\"during\":1}");
    assertThat(published("wse:a")).isEmpty();
    clock.advance(ClusterSpec.defaults().broker().breakerPause());
    run();
    assertThat(loop.trouble()).isNull();
    assertThat(redis.lists.get("a")).hasSize(11);
    publish("a", object("after"));
    run();
    assertThat(published("wse:a")).hasSize(1);
    assertThat(hub.delivered()).last().isEqualTo("a:{\"after\":1}");
    assertThat(metrics.count(BrokerMetric.OUTAGES)).isOne();
  }

  @Test
  void aSilentRedisIsGivenUpAndConnectedAnew() {
    follow("a");
    redis.mood = FakeRedis.Mood.SILENT;
    for (int i = 0; i < 12; i++) {
      publish("a", object("x" + i));
    }
    run();
    assertThat(hub.count()).isZero();
    clock.advance(Duration.ofSeconds(2));
    run();
    assertThat(hub.count()).isEqualTo(12);
    assertThat(loop.link()).isNull();
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofMillis(1_200));
    run();
    assertThat(loop.link()).isNotNull();
    assertThat(loop.trouble()).contains("breaker");
  }

  @Test
  void whenTheConnectionEndsEverythingUnderWayIsServedHereInOrder() {
    redis.echoes = false;
    publish("a", object("taken"));
    run();
    redis.mood = FakeRedis.Mood.SILENT;
    var receipt = publishAndAwait("a", object("lost"));
    run();
    redis.crash();
    run();
    publish("a", object("later"));
    run();
    assertThat(hub.delivered())
        .containsExactly("a:{\"taken\":1}", "a:{\"lost\":1}", "a:{\"later\":1}");
    assertThat(receipt).isCompleted();
    assertThat(loop.letters().all())
        .extracting(letter -> new String(letter.payload(), StandardCharsets.UTF_8))
        .hasSize(2)
        .noneMatch(payload -> payload.contains("taken"));
  }

  @Test
  void untilTheFirstAttemptHasEndedMessagesWait() {
    redis.mood = FakeRedis.Mood.SILENT;
    publish("a", object("x"));
    run();
    assertThat(hub.count()).isZero();
    clock.advance(Duration.ofSeconds(10));
    run();
    assertThat(hub.count()).isOne();
    assertThat(loop.trouble()).contains("did not answer");
  }

  @Test
  void connectingIsTriedAtGrowingIntervals() {
    redis.mood = FakeRedis.Mood.AWAY;
    run();
    for (int second = 0; second < 600; second++) {
      clock.advance(Duration.ofSeconds(1));
      run();
    }
    assertThat(redis.dials).isBetween(12, 24);
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(73));
    run();
    assertThat(loop.link()).isNotNull();
  }

  @Test
  void onlyAThousandDeadLettersWaitHereAndTheRestIsCounted() {
    redis.mood = FakeRedis.Mood.AWAY;
    run();
    for (int i = 0; i < 1_010; i++) {
      publish("a", object("x" + i));
    }
    run();
    assertThat(hub.count()).isEqualTo(1_010);
    assertThat(loop.letters().waiting()).isEqualTo(1_000);
    assertThat(metrics.count(BrokerMetric.LOST, "dead_letters_full")).isEqualTo(10);
  }

  @Test
  void aReplayReachesOthersAndIsNotDeliveredHereAgain() {
    redis.mood = FakeRedis.Mood.AWAY;
    run();
    publish("a", object("x").withId("1"));
    run();
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(2));
    run();
    var receipt = new CompletableFuture<Receipt>();
    loop.offer(new Publication("a", List.of(object("x").withId("1")), receipt), true);
    run();
    assertThat(published("wse:a")).hasSize(1);
    assertThat(receipt).isCompleted();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}");
  }

  @Test
  void whoFollowsWhileRedisIsAwayDoesNotWait() {
    redis.mood = FakeRedis.Mood.AWAY;
    var early = loop.follow("a");
    run();
    assertThat(early).isCompletedExceptionally();
    var late = loop.follow("b");
    run();
    assertThat(late).isCompletedExceptionally();
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(2));
    run();
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{\"x\":1},\"id\":\"9\"}");
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}");
  }

  @Test
  void whateverRedisDoesEachMessageIsDeliveredHereOnceAndReachesRedisOrTheDeadLetters() {
    for (long seed = 1; seed <= 40; seed++) {
      walk(seed);
    }
  }

  private static void walk(long seed) {
    var world = new BrokerLoopFixture(ClusterSpec.Mode.PUBSUB);
    var random = new SplittableRandom(seed);
    List<String> model = new ArrayList<>();
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(12)) {
        case 0 -> world.redis.crash();
        case 1 -> world.redis.mood = FakeRedis.Mood.REFUSING;
        case 2 -> world.redis.mood = FakeRedis.Mood.SILENT;
        case 3, 4 -> world.redis.mood = FakeRedis.Mood.WELL;
        case 5 -> world.hub.full = random.nextBoolean();
        case 6 -> world.clock.advance(Duration.ofMillis(random.nextInt(5_000)));
        default -> {
          var topic = "t" + random.nextInt(3);
          model.add(topic + ":{\"m" + step + "\":1}");
          world.publish(topic, object("m" + step));
        }
      }
      world.turns(random.nextInt(6));
    }
    world.hub.full = false;
    world.redis.mood = FakeRedis.Mood.WELL;
    for (int i = 0; i < 10; i++) {
      world.clock.advance(Duration.ofSeconds(61));
      world.run();
    }
    assertThat(world.hub.delivered())
        .as("seed %s", seed)
        .containsExactlyInAnyOrderElementsOf(model);
    var everywhere = new ArrayList<>(world.redis.published);
    world.redis.lists.forEach(
        (topic, letters) ->
            letters.forEach(letter -> everywhere.add(new String(letter, StandardCharsets.UTF_8))));
    for (var message : model) {
      var payload = message.substring(message.indexOf(':') + 1);
      assertThat(everywhere).as("seed %s", seed).anyMatch(one -> one.contains(payload));
    }
    assertThat(world.loop.isIdle()).as("seed %s", seed).isTrue();
    assertThat(world.loop.trouble()).as("seed %s", seed).isNull();
  }
}
