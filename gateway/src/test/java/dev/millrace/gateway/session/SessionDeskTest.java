package dev.millrace.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.signal.Killed;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionDeskTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final TestGateway gateway = new TestGateway(2);
  private final SessionDesk desk =
      new SessionDesk(
          List.of(
              gateway.dialect.clients(),
              gateway.sse.sessions(),
              gateway.publish.sessions(),
              gateway.inbound.sessions()));

  SessionDeskTest() throws ProblemException {}

  @AfterEach
  void stop() {
    gateway.close();
  }

  private InputStream events(String topics) throws IOException, InterruptedException {
    var address = URI.create("http://127.0.0.1:" + gateway.port() + "/sse?topics=" + topics);
    var request = HttpRequest.newBuilder(address).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
  }

  private SessionDesk.Found find(@Nullable SessionKind kind, @Nullable String topic, int limit) {
    return desk.find(kind, new SessionSource.Wish(null, topic, limit)).toCompletableFuture().join();
  }

  private SessionView only(SessionKind kind) {
    Await.until("it is there", () -> find(kind, null, 10).answer().matching() == 1);
    return find(kind, null, 10).answer().clients().getFirst();
  }

  @Test
  void connectionsOfEveryKindAreFoundTogetherAndApart() throws Exception {
    gateway.connect("/wse?topics=a,b").next("subscription_update");
    var publisher = gateway.connect("/ws/publish/a?ack=1");
    publisher.send("{\"n\":1}");
    assertThat(publisher.next()).contains("accepted");
    var program = gateway.connect("/ws/inbound");
    program.send("{\"t\":\"drain\",\"id\":\"1\",\"p\":{\"max\":1,\"timeout_ms\":0}}");
    assertThat(program.next()).contains("\"cid\"");
    try (var stream = events("a")) {
      only(SessionKind.SSE);
      var all = find(null, null, 10);
      assertThat(all.answer().matching()).isEqualTo(4);
      assertThat(all.answer().clients())
          .hasSize(4)
          .extracting(SessionView::id)
          .doesNotHaveDuplicates();
      assertThat(all.byKind())
          .containsEntry("wse", 1)
          .containsEntry("sse", 1)
          .containsEntry("publish", 1)
          .containsEntry("inbound", 1);
      assertThat(all.answer().byState()).containsOnlyKeys("connected");
      assertThat(find(null, null, 3).answer().clients()).hasSize(3);
      assertThat(find(null, "a", 10).answer().matching()).isEqualTo(3);
      assertThat(find(null, "b", 10).byKind()).containsEntry("wse", 1).containsEntry("sse", 0);
      var publishes = only(SessionKind.PUBLISH);
      assertThat(publishes.messagesIn()).isEqualTo(1);
      assertThat(publishes.bytesIn()).isEqualTo(7);
      assertThat(publishes.messagesOut()).isEqualTo(1);
      assertThat(publishes.user()).isNull();
      var drains = only(SessionKind.INBOUND);
      assertThat(drains.messagesIn()).isEqualTo(1);
      assertThat(drains.bytesOut()).isPositive();
      for (var view : all.answer().clients()) {
        var detail = desk.get(view.id()).toCompletableFuture().join().orElseThrow();
        assertThat(detail.client().kind()).isEqualTo(view.kind());
        assertThat(detail.topics()).hasSize(view.topics());
      }
      assertThat(stream.read()).isPositive();
    }
  }

  @Test
  void aConnectionOfAnyKindIsEnded() throws Exception {
    var killed = new CopyOnWriteArrayList<Killed>();
    gateway.bus.subscribe("test", Killed.class, killed::add, Duration.ofHours(1), () -> {});
    var publisher = gateway.connect("/ws/publish/a");
    var program = gateway.connect("/ws/inbound");
    try (var stream = events("a")) {
      for (var kind : List.of(SessionKind.PUBLISH, SessionKind.INBOUND, SessionKind.SSE)) {
        var id = only(kind).id();
        var detail = desk.kick(id, 4010, "enough").toCompletableFuture().join().orElseThrow();
        assertThat(detail.client().id()).isEqualTo(id);
        Await.until("it is gone", () -> find(kind, null, 1).answer().matching() == 0);
        assertThat(desk.get(id).toCompletableFuture().join()).isEmpty();
        assertThat(desk.kick(id, 4010, "again").toCompletableFuture().join()).isEmpty();
      }
      assertThat(publisher.closed()).isEqualTo("4010 enough");
      assertThat(program.closed()).isEqualTo("4010 enough");
      while (stream.read() >= 0) {
        // What it was told before the end.
      }
    }
    Await.until("it is told", () -> killed.size() == 3);
    assertThat(killed).allSatisfy(one -> assertThat(one.reason()).isEqualTo(Kills.KICKED));
  }

  @Test
  void anIdOfNoConnectionIsNone() {
    for (var id : List.of("", "ws_", "sse_00000000_00000000", "noc_00000000_00000000")) {
      assertThat(desk.get(id).toCompletableFuture().join()).as(id).isEmpty();
      assertThat(desk.kick(id, 4010, "").toCompletableFuture().join()).as(id).isEmpty();
    }
    assertThat(SessionKind.named("sse")).contains(SessionKind.SSE);
    assertThat(SessionKind.named("SSE")).isEmpty();
  }
}
