package dev.millrace.connect.redis;

import static dev.millrace.connect.redis.FakeHub.object;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What goes out to Redis and comes back, while both sides are well.
class BrokerLoopTest extends BrokerLoopFixture {
  BrokerLoopTest() {
    super(ClusterSpec.Mode.PUBSUB);
  }

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
}
