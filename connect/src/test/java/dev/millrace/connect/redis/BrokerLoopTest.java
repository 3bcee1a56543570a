package dev.millrace.connect.redis;

import static dev.millrace.connect.redis.FakeHub.object;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.hub.Message;
import dev.millrace.hub.Publication;
import dev.millrace.hub.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BrokerLoopTest {
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final FakeRedis redis = new FakeRedis();
  private final FakeHub hub = new FakeHub();
  private final PresenceBus presence =
      new PresenceBus("me", Duration.ofSeconds(15), clock.nanoTime(), metrics);
  private BrokerLoop loop = loop(ClusterSpec.Mode.PUBSUB);

  @Test
  void whatIsPublishedIsDeliveredWhenItComesBack() {
    redis.echoes = false;
    publish("a", object("x"));
    run();
    assertThat(hub.delivered()).isEmpty();
    assertThat(loop.inFlight()).isOne();
    redis.echoes = true;
    var echo = published("wse:a").getLast().substring("wse:a ".length());
    redis.publishFromElsewhere("wse:a", echo);
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}");
    assertThat(loop.isIdle()).isTrue();
  }

  @Test
  void aReceiptIsCompletedByTheEcho() {
    redis.echoes = false;
    var receipt = publishAndAwait("a", object("x"), object("y"));
    run();
    assertThat(receipt).isNotDone();
    clock.advance(Duration.ofSeconds(6));
    run();
    assertThat(receipt).isCompleted();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}", "a:{\"y\":1}");
    assertThat(metrics.count(BrokerMetric.SERVED_LOCALLY, "no_echo")).isEqualTo(2);
  }

  @Test
  void anIdIsPublishedAndDeliveredOnce() {
    publish("a", object("x").withId("1"));
    run();
    var receipt = publishAndAwait("a", object("x").withId("1"));
    publish("b", object("x").withId("1"));
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{},\"id\":\"1\"}");
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}", "b:{\"x\":1}");
    assertThat(receipt).isCompleted();
    assertThat(published("wse:a")).hasSize(1);
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
        .extracting(letter -> new String(letter.payload(), java.nio.charset.StandardCharsets.UTF_8))
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
  void aHubWithoutRoomHoldsEverythingBackAndNothingIsLost() {
    run();
    hub.full = true;
    publish("a", object("x"));
    run();
    publish("a", object("y"));
    run();
    assertThat(published("wse:a")).hasSize(1);
    hub.full = false;
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}", "a:{\"y\":1}");
  }

  @Test
  void aMessageTheHubRefusesDoesNotTakeItsNeighboursAlong() {
    follow("a");
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{\"x\":1}}");
    redis.publishFromElsewhere("wse:a", "{\"t\":\"bad\",\"p\":{}}");
    redis.publishFromElsewhere("wse:a", "no json");
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{\"y\":1}}");
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}", "a:{\"y\":1}");
    assertThat(metrics.count(BrokerMetric.LOST, "refused")).isOne();
    assertThat(metrics.count(BrokerMetric.LOST, "undecodable")).isOne();
  }

  @Test
  void topicsNobodyFollowsAreNotHeard() {
    run();
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{\"x\":1},\"id\":\"9\"}");
    run();
    assertThat(hub.delivered()).isEmpty();
    var heard = loop.follow("a");
    run();
    assertThat(heard).isCompleted();
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{\"y\":1},\"id\":\"10\"}");
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"y\":1}");
    loop.unfollow("a");
    run();
    clock.advance(Duration.ofSeconds(61));
    run();
    redis.publishFromElsewhere("wse:a", "{\"t\":\"event\",\"p\":{\"z\":1},\"id\":\"11\"}");
    run();
    assertThat(hub.count()).isOne();
  }

  @Test
  void aPatternBringsTopicsNobodyHasNamed() {
    run();
    var _ = loop.patterns().follow("user:*");
    run();
    redis.publishFromElsewhere("wse:user:1", "{\"t\":\"event\",\"p\":{\"x\":1},\"id\":\"9\"}");
    redis.publishFromElsewhere("wse:group:1", "{\"t\":\"event\",\"p\":{\"x\":1},\"id\":\"9\"}");
    run();
    assertThat(hub.delivered()).containsExactly("user:1:{\"x\":1}");
    for (int i = 0; i < 200; i++) {
      var _ = loop.patterns().follow("p" + i + ":*");
    }
    run();
    redis.publishFromElsewhere("wse:group:2", "{\"t\":\"event\",\"p\":{\"y\":1},\"id\":\"9\"}");
    run();
    assertThat(hub.delivered()).last().isEqualTo("group:2:{\"y\":1}");
    for (int i = 0; i < 200; i++) {
      loop.patterns().unfollow("p" + i + ":*");
    }
    run();
    redis.publishFromElsewhere("wse:group:3", "{\"t\":\"event\",\"p\":{\"z\":1},\"id\":\"9\"}");
    run();
    assertThat(hub.count()).isEqualTo(2);
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
  void aTopicOfStreamsBeginsWithWhatItKeeps() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    hub.keeps = 600;
    for (int i = 1; i <= 1_000; i++) {
      append(Integer.toString(i), false);
    }
    var heard = loop.follow("a");
    run();
    assertThat(heard).isCompleted();
    assertThat(hub.count()).isEqualTo(600);
    assertThat(hub.delivered()).first().isEqualTo("a:{\"n\":401}@7.401");
    append("1001", true);
    run();
    assertThat(hub.delivered()).last().isEqualTo("a:{\"n\":1001}@7.1001");
    assertThat(metrics.count(BrokerMetric.LOST, "trimmed")).isZero();
  }

  @Test
  void aTopicThatKeepsNothingBeginsAtTheEndOfItsStream() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    append("1", false);
    append("2", false);
    var heard = loop.follow("a");
    run();
    assertThat(heard).isCompleted();
    assertThat(hub.delivered()).containsExactly("a:-@7.2");
  }

  @Test
  void whoWasLetInWhileRedisWasAwayIsNotSentWhatWasBefore() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    hub.keeps = 100;
    append("1", false);
    redis.mood = FakeRedis.Mood.AWAY;
    run();
    var heard = loop.follow("a");
    run();
    assertThat(heard).isCompletedExceptionally();
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(2));
    run();
    append("2", true);
    run();
    assertThat(hub.delivered()).containsExactly("a:-@7.1", "a:{\"n\":2}@7.2");
  }

  @Test
  void ofAStreamEachMessageIsDeliveredAtItsPlace() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    publish("a", object("x"), object("y"));
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}@7.1", "a:{\"y\":1}@7.2");
  }

  @Test
  void whatAStreamHoldsAndNobodyHeardIsReadFromIt() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    follow("a");
    append("1", true);
    run();
    append("2", false);
    append("3", true);
    run();
    assertThat(hub.delivered())
        .containsExactly("a:{\"n\":1}@7.1", "a:{\"n\":2}@7.2", "a:{\"n\":3}@7.3");
  }

  @Test
  void afterAnOutageStreamsAreReadOn() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    follow("a");
    append("1", true);
    run();
    redis.crash();
    run();
    for (int i = 2; i <= 1_300; i++) {
      append(Integer.toString(i), false);
    }
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(2));
    run();
    assertThat(hub.count()).isEqualTo(1_300);
    assertThat(hub.delivered()).last().isEqualTo("a:{\"n\":1300}@7.1300");
  }

  @Test
  void whatAStreamNoLongerHoldsIsCountedAsLost() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    follow("a");
    append("1", true);
    run();
    for (int i = 2; i <= 10; i++) {
      append(Integer.toString(i), false);
    }
    redis.trim("a", 3);
    append("11", true);
    run();
    assertThat(hub.count()).isEqualTo(5);
    assertThat(metrics.count(BrokerMetric.LOST, "trimmed")).isEqualTo(6);
  }

  @Test
  void aNewEpochIsReadFromItsBeginning() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    follow("a");
    append("1", true);
    run();
    redis.epoch = 8;
    redis.trim("a", 0);
    append("2", false);
    append("3", true);
    run();
    assertThat(hub.delivered())
        .containsExactly("a:{\"n\":1}@7.1", "a:{\"n\":2}@8.1", "a:{\"n\":3}@8.2");
  }

  @Test
  void aMessageServedHereDuringAnOutageLeavesItsPlaceEmptyWhenItIsReplayed() {
    loop = loop(ClusterSpec.Mode.STREAMS);
    run();
    redis.crash();
    publish("a", object("x").withId("1"));
    run();
    redis.mood = FakeRedis.Mood.WELL;
    clock.advance(Duration.ofSeconds(2));
    run();
    loop.offer(new Publication("a", List.of(object("x").withId("1")), null), true);
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}", "a:-@7.1");
  }

  @Test
  void whateverRedisDoesEachMessageIsDeliveredHereOnceAndReachesRedisOrTheDeadLetters() {
    for (long seed = 1; seed <= 40; seed++) {
      walk(seed);
    }
  }

  private static void walk(long seed) {
    var test = new BrokerLoopTest();
    var random = new SplittableRandom(seed);
    List<String> model = new ArrayList<>();
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(12)) {
        case 0 -> test.redis.crash();
        case 1 -> test.redis.mood = FakeRedis.Mood.REFUSING;
        case 2 -> test.redis.mood = FakeRedis.Mood.SILENT;
        case 3, 4 -> test.redis.mood = FakeRedis.Mood.WELL;
        case 5 -> test.hub.full = random.nextBoolean();
        case 6 -> test.clock.advance(Duration.ofMillis(random.nextInt(5_000)));
        default -> {
          var topic = "t" + random.nextInt(3);
          model.add(topic + ":{\"m" + step + "\":1}");
          test.publish(topic, object("m" + step));
        }
      }
      test.turns(random.nextInt(6));
    }
    test.hub.full = false;
    test.redis.mood = FakeRedis.Mood.WELL;
    for (int i = 0; i < 10; i++) {
      test.clock.advance(Duration.ofSeconds(61));
      test.run();
    }
    assertThat(test.hub.delivered()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(model);
    var everywhere = new ArrayList<>(test.redis.published);
    test.redis.lists.forEach(
        (topic, letters) ->
            letters.forEach(
                letter ->
                    everywhere.add(new String(letter, java.nio.charset.StandardCharsets.UTF_8))));
    for (var message : model) {
      var payload = message.substring(message.indexOf(':') + 1);
      assertThat(everywhere).as("seed %s", seed).anyMatch(one -> one.contains(payload));
    }
    assertThat(test.loop.isIdle()).as("seed %s", seed).isTrue();
    assertThat(test.loop.trouble()).as("seed %s", seed).isNull();
  }

  private BrokerLoop loop(ClusterSpec.Mode mode) {
    return new BrokerLoop(
        new BrokerLoop.Setting(
            Specs.of(mode, "redis://localhost"),
            redis.dialer(),
            new EnvelopeCodec(BusCodec.RawEvents.WHOLE),
            hub,
            presence,
            new RedisShelf("me", Specs.of(mode, "redis://h"), 0, () -> {}, metrics)),
        () -> {},
        clock,
        metrics);
  }

  private void follow(String topic) {
    var heard = loop.follow(topic);
    run();
    assertThat(heard).isCompleted();
  }

  private void append(String number, boolean heard) {
    redis.appendFromElsewhere(
        "a",
        number,
        "{\"t\":\"event\",\"id\":\"" + number + "\",\"p\":{\"n\":" + number + "}}",
        heard);
  }

  private List<String> published(String channel) {
    return redis.published.stream().filter(one -> one.startsWith(channel + ' ')).toList();
  }

  private void publish(String topic, Message... messages) {
    assertThat(loop.offer(new Publication(topic, List.of(messages), null), false)).isTrue();
  }

  private CompletableFuture<Receipt> publishAndAwait(String topic, Message... messages) {
    var receipt = new CompletableFuture<Receipt>();
    assertThat(loop.offer(new Publication(topic, List.of(messages), receipt), false)).isTrue();
    return receipt;
  }

  private void run() {
    turns(2_000);
  }

  private void turns(int most) {
    int idle = 0;
    for (int i = 0; i < most && idle < 3; i++) {
      idle = loop.turn(clock.nanoTime()) ? 0 : idle + 1;
    }
  }
}
