package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What comes while another loop looks for a client's position.
class SoughtPositionTest {
  @Test
  void whatAJammedSessionWillBeSentFromItsPositionIsNotCountedAsLeftOut() {
    var spec =
        """
        jam_messages: 1
        topics: [ { match: "*", retention: { messages: 100 } } ]
        """;
    var fixture = new HubFixture(2, HubSpecs.of(spec));
    var topic = fixture.topicOn(0);
    fixture.publish(topic, "1");
    var before = new Position(fixture.hub.topic(topic).orElseThrow().epoch(), 0);
    var other = fixture.client(1).subscribe(topic);
    var client = fixture.client(1).subscribe("fills it");
    client.transport.stopReading();
    fixture.publish("fills it", "0");
    assertThat(client.transport.session().isBlocked()).isTrue();
    for (int i = 2; i <= 6; i++) {
      fixture.publish(topic, Priority.LOW, Integer.toString(i));
    }
    client.loop.in(
        () ->
            client
                .transport
                .session()
                .subscribeTo(List.of(Wanted.all(topic).after(before)), client.answers::addAll));
    assertThat(fixture.loops.loop(0).runOne()).isTrue(); // publishes, and does not look yet
    while (fixture.loops.loop(1).runOne()) {
      assertThat(client.answers).hasSize(1);
    }
    fixture.loops.run();
    assertThat(client.answers).hasSize(2);
    client.readOn();
    assertThat(client.received).containsExactly("0", "1", "2", "3", "4", "5", "6");
    assertThat(other.received).hasSize(5);
    assertThat(fixture.hub.stats().leftOut()).isZero();
    fixture.hub.close();
    fixture.close();
  }
}
