package dev.millrace.gateway.wse;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.wse.Publications.subscribe;
import static dev.millrace.gateway.wse.Publications.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is on a topic, as clients are told.
@Timeout(60)
class WsePresenceTest {
  private static TestClient join(TestGateway gateway, String user, String presence)
      throws InterruptedException {
    var client = gateway.connect("/wse", good(user, null));
    client.ask(subscribe("room", presence), "subscription_update");
    return client;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void usersComeSaySomethingElseAndGoHoweverManyConnectionsTheyHave(int loops) throws Exception {
    try (var gateway = new TestGateway(loops, "presence.enabled=true")) {
      gateway.access.apply(policy("auth.jwt.secret=" + SECRET));
      var watcher = join(gateway, "watcher", ",\"presence\":true");
      assertThat(watcher.next("presence_join").path("p").toString())
          .isEqualTo("{\"topic\":\"room\",\"user_id\":\"watcher\",\"data\":{}}");
      var first = join(gateway, "ann", ",\"presence\":{\"at\":1}");
      assertThat(watcher.next("presence_join").path("p").toString())
          .isEqualTo("{\"topic\":\"room\",\"user_id\":\"ann\",\"data\":{\"at\":1}}");
      var second = join(gateway, "ann", ",\"presence\":true,\"presence_data\":{\"at\":1}");
      var silent = join(gateway, "bob", "");
      first.ask(subscribe("room", ",\"presence\":{\"at\":2}"), "subscription_update");
      assertThat(watcher.next("presence_update").at("/p/data/at").asInt()).isEqualTo(2);
      var members = gateway.hub.presence("room").toCompletableFuture().join();
      assertThat(members)
          .extracting(one -> one.userId() + one.connections())
          .containsExactly("ann2", "watcher1");
      first.abort();
      Await.until("it is gone", () -> gateway.dialect.connections() == 3);
      second.ask(unsubscribe("room"), "subscription_update");
      var leave = watcher.next("presence_leave");
      assertThat(leave.at("/p/user_id").asString()).isEqualTo("ann");
      assertThat(leave.has("tp")).isFalse();
      silent.send("{\"t\":\"ping\"}");
      assertThat(silent.next()).as("whoever does not take part is not told").contains("PONG");
    }
  }
}
