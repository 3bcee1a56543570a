package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnheardTest {
  private final HubFixture fixture = new HubFixture(1);

  @AfterEach
  void everythingIsGivenBack() {
    fixture.close();
  }

  @Test
  void aTopicIsHeardUntilItIsKnownThatNobodyListens() {
    assertThat(fixture.hub.isHeard("news")).isTrue();
    fixture.publish("news", "first");
    assertThat(fixture.hub.isHeard("news")).isFalse();
    var client = fixture.client().subscribe("news");
    assertThat(fixture.hub.isHeard("news")).isTrue();
    client.unsubscribe("news");
    fixture.loops.run();
    assertThat(fixture.hub.isHeard("news")).isFalse();
  }

  @Test
  void aTopicThatKeepsMessagesIsAlwaysHeard() {
    var keeping =
        new HubFixture(1, HubSpecs.of("topics: [ { match: kept, retention: { messages: 10 } } ]"));
    keeping.publish("kept", "first");
    assertThat(keeping.hub.isHeard("kept")).isTrue();
    keeping.hub.close();
    keeping.close();
  }

  @Test
  void whoListensByPatternHearsATopicFromItsFirstMessageOn() {
    var client = fixture.client().subscribe("ne*");
    fixture.publish("news", "first");
    assertThat(fixture.hub.isHeard("news")).isTrue();
    assertThat(client.takeReceived()).hasSize(1);
  }

  @Test
  void messagesThatNobodyHearsTakeTheirPlacesAndGoToNobody() {
    fixture.publish("news", "first");
    fixture.hub.publishUnheard("news", 3);
    var client = fixture.client().subscribe("news"); // before the loop has come to them
    fixture.hub.publishUnheard("news", 2);
    fixture.publish("news", "last");
    assertThat(fixture.hub.topic("news").orElseThrow().offset()).isEqualTo(7);
    assertThat(client.takeReceived()).hasSize(1);
  }

  @Test
  void whatIsToldToNobodyStillCounts() {
    fixture.publish("news", "first");
    assertThat(fixture.hub.publishUnheard("news", 300)).isEqualTo(new PublishOutcome.Accepted(300));
    fixture.loops.run();
    assertThat(fixture.hub.stats().published()).isEqualTo(301);
    assertThat(fixture.hub.stats().deliveries()).isZero();
  }
}
