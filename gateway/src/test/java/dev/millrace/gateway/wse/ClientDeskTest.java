package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.signal.Killed;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.session.SessionSource;
import dev.millrace.gateway.session.SessionView;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClientDeskTest {
  private final TestGateway gateway = new TestGateway(2, "jam_messages=10");
  private final ClientDesk desk = gateway.dialect.clients();

  ClientDeskTest() throws ProblemException {}

  @AfterEach
  void stop() {
    gateway.close();
  }

  private SessionSource.Answer find(@Nullable String topic, int limit) {
    return desk.find(new SessionSource.Wish(null, topic, limit)).toCompletableFuture().join();
  }

  @Test
  void allConnectionsOfAllLoopsAreFoundAndThoseOfATopic() throws InterruptedException {
    for (int i = 0; i < 40; i++) {
      gateway
          .connect("/wse?client_version=9&topics=" + (i % 4 == 0 ? "a,b" : "b"))
          .next("subscription_update");
    }
    var all = find(null, 100);
    assertThat(all.matching()).isEqualTo(40);
    assertThat(all.clients()).hasSize(40).extracting(SessionView::id).doesNotHaveDuplicates();
    assertThat(all.byState()).containsOnlyKeys("connected").containsEntry("connected", 40);
    var some = find("a", 7);
    assertThat(some.matching()).isEqualTo(10);
    assertThat(some.clients())
        .hasSize(7)
        .allSatisfy(
            client -> {
              assertThat(client.topics()).isEqualTo(2);
              assertThat(client.user()).isNull();
              assertThat(client.clientVersion()).isEqualTo("9");
              assertThat(client.quality()).isNull();
            });
    assertThat(find("nobody", 7).clients()).isEmpty();
    assertThat(
            desk.find(new SessionSource.Wish("ann", null, 5))
                .toCompletableFuture()
                .join()
                .matching())
        .isZero();
  }

  @Test
  void whoeverIsFurthestBehindComesFirstAndIsSaidToBe() throws Exception {
    var quick = gateway.connect("/wse?topics=a&compression=false");
    quick.next("subscription_update");
    try (var jammed = RawSocket.open(gateway.port(), "/wse?topics=a&compression=false")) {
      Await.until("both are there", () -> find("a", 1).matching() == 2);
      var payload = "\"" + "x".repeat(200_000) + "\"";
      var request =
          "{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"type\":\"n\",\"priority\":\"critical\",\"payload\":"
              + payload
              + "}}";
      Await.until(
          Duration.ofSeconds(30),
          () -> {
            quick.send(request);
            return find("a", 1).byState().containsKey("backpressured");
          },
          () -> "nobody is behind: " + find("a", 2));
      var first = find("a", 1).clients().getFirst();
      assertThat(first.depth()).isPositive();
      assertThat(first.state()).isEqualTo(SessionView.BACKPRESSURED);
      assertThat(jammed.isClosed()).isFalse();
    }
  }

  @Test
  void oneIsShownWithItsTopicsAndEndedOnDemand() throws InterruptedException {
    var killed = new CopyOnWriteArrayList<Killed>();
    var _ = gateway.bus.subscribe("test", Killed.class, killed::add, Duration.ofHours(1), () -> {});
    var other = gateway.connect("/wse?topics=b");
    other.next("subscription_update");
    var client = gateway.connect("/wse?topics=b,a");
    client.next("subscription_update");
    var id = find("a", 1).clients().getFirst().id();
    var detail = desk.get(id).toCompletableFuture().join().orElseThrow();
    assertThat(detail.topics()).containsExactly("a", "b");
    assertThat(detail.client().messagesOut()).isEqualTo(2);
    for (var none : List.of("", "ws_00000000_00000000", id + "x")) {
      assertThat(desk.kick(none, 4010, "bye").toCompletableFuture().join()).isEmpty();
    }
    assertThat(desk.kick(id, 4010, "bye").toCompletableFuture().join()).isPresent();
    assertThat(client.closed()).isEqualTo("4010 bye");
    Await.until("it is gone", () -> find(null, 5).matching() == 1);
    assertThat(desk.get(id).toCompletableFuture().join()).isEmpty();
    assertThat(gateway.metrics.count(WseMetric.CLOSED, "kicked")).isEqualTo(1);
    Await.until("it is told", () -> !killed.isEmpty());
    assertThat(killed.getFirst().reason()).isEqualTo(Kills.KICKED);
    assertThat(other.send("{\"t\":\"ping\"}").next("PONG")).isNotNull();
  }
}
