package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopicDetailTest {
  private final HubFixture fixture =
      new HubFixture(
          2, HubSpecs.of("topics: [{ match: \"kept*\", retention: { messages: 10 } }]\n"));

  @AfterEach
  void everythingIsGivenBack() {
    fixture.hub.close();
    fixture.close();
  }

  private Optional<TopicDetail> detail(String topic) {
    var stage = fixture.hub.detail(topic).toCompletableFuture();
    fixture.loops.run();
    return stage.join();
  }

  @Test
  void aTopicTellsItsLanesAndWhatIsKept() {
    var client = fixture.client();
    client.subscribe("kept.a");
    fixture.publish("kept.a", Priority.HIGH, "one");
    fixture.publish("kept.a", "two", "three");
    var detail = detail("kept.a").orElseThrow();
    assertThat(detail.stats()).isEqualTo(fixture.hub.topic("kept.a").orElseThrow());
    assertThat(detail.stats().subscribers()).isEqualTo(1);
    assertThat(detail.lanes()).hasSize(1);
    var lane = detail.lanes().getFirst();
    assertThat(lane.form()).isEqualTo("plain");
    assertThat(lane.messages()).isEqualTo(3);
    assertThat(lane.behind()).isZero();
    assertThat(detail.keptMessages()).isEqualTo(3);
    assertThat(detail.keptBytes()).isPositive().isEqualTo(lane.bytes());
    assertThat(fixture.hub.keptBytes()).isEqualTo(detail.keptBytes());
    assertThat(fixture.metrics.count(HubMetric.PUBLISHED_BY_PRIORITY, "high")).isEqualTo(1);
    assertThat(fixture.metrics.count(HubMetric.PUBLISHED_BY_PRIORITY, "normal")).isEqualTo(2);
    assertThat(fixture.hub.sendLatency().counts().stream().mapToLong(Long::longValue).sum())
        .as("every delivery has a time")
        .isEqualTo(3);
  }

  @Test
  void aTopicThatIsNotThereHasNone() {
    assertThat(detail("none")).isEmpty();
    fixture.publish("plain.a", "one");
    var detail = detail("plain.a").orElseThrow();
    assertThat(detail.lanes()).isEmpty();
    assertThat(detail.keptBytes()).isZero();
  }
}
