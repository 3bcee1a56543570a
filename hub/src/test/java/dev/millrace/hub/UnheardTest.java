package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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

  @Test
  void moreThanATurnTakesGoOnInTheNext() {
    fixture.publish("news", "first");
    fixture.hub.publishUnheard("news", 5_000);
    fixture.hub.publishUnheard("other", 2);
    fixture.loops.run();
    assertThat(fixture.hub.topic("news").orElseThrow().offset()).isEqualTo(5_001);
    assertThat(fixture.hub.topic("other").orElseThrow().offset()).isEqualTo(2);
    assertThat(fixture.hub.stats().published()).isEqualTo(5_003);
  }

  @Test
  void soManyTimesTheSameMessageCountAsThatManyAndAreNotCopied() {
    var same = new Repeated(Message.of("note", new byte[7], true, 0), 3);
    var repeated = new Publication("news", same, null);
    var listed = new Publication("news", List.copyOf(same), null);
    assertThat(repeated).isEqualTo(listed);
    assertThat(repeated.messages()).isSameAs(same).isEqualTo(listed.messages());
    assertThat(repeated.waitingBytes()).isEqualTo(listed.waitingBytes());
    assertThat(repeated.differing()).hasSize(1);
    assertThat(new Publication("news", new Repeated(Message.UNHEARD, 0), null).differing())
        .isEmpty();
    assertThatThrownBy(() -> same.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new Repeated(Message.UNHEARD, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void soManyTimesAMessageThatIsTooLongAreRefusedAtOnce() {
    var same = new Repeated(Message.of("n".repeat(300), new byte[7], true, 0), 3);
    assertThat(fixture.hub.publish("news", same)).isInstanceOf(PublishOutcome.Refused.class);
  }
}
