package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is told in the middle of the hub's work may ask for more of it.
class ReentryTest {
  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "1, false", "1, true"})
  void whoIsAnsweredMayCloseAnotherThatWaitsForTheSameAnswer(int owner, boolean refused) {
    var fixture = new HubFixture(2, "max_topics=" + (refused ? 1 : 10));
    if (refused) {
      fixture.client(0).subscribe("the only one");
    }
    var topic = fixture.topicOn(owner);
    var clients = List.of(fixture.client(1), fixture.client(1), fixture.client(1));
    for (var client : clients) {
      var others = clients.stream().filter(other -> other != client).toList();
      client.loop.in(
          () ->
              client
                  .transport
                  .session()
                  .subscribe(
                      List.of(topic),
                      outcomes -> {
                        client.answers.addAll(outcomes);
                        others.forEach(other -> other.transport.gone());
                      }));
    }
    fixture.loops.run();
    if (!refused) {
      fixture.publish(topic, "for whoever is left");
    }
    var left = clients.stream().filter(client -> !client.transport.session().isClosed()).toList();
    assertThat(left).hasSize(1);
    assertThat(left.getFirst().received).hasSize(refused ? 0 : 1);
    assertThat(clients).filteredOn(client -> !client.answers.isEmpty()).isEqualTo(left);
    assertThat(fixture.hub.stats().subscriptions()).isEqualTo(1);
    fixture.close();
  }
}
