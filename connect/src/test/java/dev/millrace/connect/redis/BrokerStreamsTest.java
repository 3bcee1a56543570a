package dev.millrace.connect.redis;

import static dev.millrace.connect.redis.FakeHub.object;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.hub.Publication;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Topics whose messages have their places from streams of Redis.
class BrokerStreamsTest extends BrokerLoopFixture {
  BrokerStreamsTest() {
    super(ClusterSpec.Mode.STREAMS);
  }

  @Test
  void aTopicOfStreamsBeginsWithWhatItKeeps() {
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
    append("1", false);
    append("2", false);
    var heard = loop.follow("a");
    run();
    assertThat(heard).isCompleted();
    assertThat(hub.delivered()).containsExactly("a:-@7.2");
  }

  @Test
  void whoWasLetInWhileRedisWasAwayIsNotSentWhatWasBefore() {
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
    publish("a", object("x"), object("y"));
    run();
    assertThat(hub.delivered()).containsExactly("a:{\"x\":1}@7.1", "a:{\"y\":1}@7.2");
  }

  @Test
  void whatAStreamHoldsAndNobodyHeardIsReadFromIt() {
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
}
