package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.testkit.Await;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WseSnapshotsTest {
  private TestGateway gateway;

  @BeforeEach
  void start() throws ProblemException {
    gateway = new TestGateway(1);
  }

  /// Once more, with snapshots.
  private void start(SnapshotProvider provider, String... keys) throws ProblemException {
    gateway.close();
    gateway = new TestGateway(WseExtensions.NONE.withSnapshots(provider), 1, keys);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static CompletionStage<Iterator<SnapshotProvider.Snapshot>> now(
      List<SnapshotProvider.Snapshot> snapshots) {
    return CompletableFuture.completedFuture(snapshots.iterator());
  }

  @Test
  void everyTopicThatHasAStateGetsAFrameAndThenComesTheEnd()
      throws InterruptedException, ProblemException {
    var asked = new ArrayList<String>();
    start(
        (user, topics) -> {
          asked.addAll(topics);
          return now(
              List.of(
                  SnapshotProvider.Snapshot.of("a", bytes("{\"x\": 1.0}")),
                  new SnapshotProvider.Snapshot("b", "users_snapshot", bytes("[]"))));
        });
    var client = gateway.connect("/wse?topics=a,b,c");
    client.next("subscription_update");
    client.send("{\"t\":\"sync_request\",\"cid\":\"s\",\"p\":{\"last_sequence\":7}}");
    var first = client.next();
    assertThat(first)
        .startsWith("binary S{\"t\":\"a_snapshot\"")
        .contains("\"p\":{\"topic\":\"a\",\"data\":{\"x\": 1.0},\"timestamp\":\"");
    assertThat(client.next()).startsWith("binary S{\"t\":\"users_snapshot\"");
    var end = client.next();
    assertThat(end).startsWith("text S{\"t\":\"snapshot_complete\"");
    var payload = TestClient.envelope(end).path("p");
    assertThat(payload.path("success").asBoolean()).isTrue();
    assertThat(payload.path("snapshots_sent").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(payload.path("topics").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(payload.path("count").asInt()).isEqualTo(2);
    assertThat(payload.path("details").path("last_sequence_processed").asInt()).isEqualTo(7);
    assertThat(asked).containsExactly("a", "b", "c");
  }

  @Test
  void whoWantsNoneOrTakesPartInNothingIsAnsweredAllTheSame()
      throws InterruptedException, ProblemException {
    start(
        (user, topics) -> {
          throw new IllegalStateException("nobody asked");
        });
    var client = gateway.connect("/wse");
    var end = client.ask("{\"t\":\"request_snapshot\"}", "snapshot_complete");
    assertThat(end.path("count").asInt(9)).isZero();
    end =
        client.ask(
            "{\"t\":\"sync_request\",\"p\":{\"topics\":[\"a\"],\"include_snapshots\":false}}",
            "snapshot_complete");
    assertThat(end.path("success").asBoolean()).isTrue();
    end = client.ask("{\"t\":\"sync_request\",\"p\":{\"topics\":[\"a\"]}}", "snapshot_complete");
    assertThat(end.path("success").asBoolean(true)).isFalse();
    assertThat(gateway.metrics.count(WseMetric.SNAPSHOT_FAILURES)).isEqualTo(1);
  }

  @Test
  void snapshotsThatDoNotComeInTimeEndTheRequestAndTheNextIsServed()
      throws InterruptedException, ProblemException {
    var stages = new CopyOnWriteArrayList<CompletableFuture<Iterator<SnapshotProvider.Snapshot>>>();
    start(
        (user, topics) -> {
          var stage = new CompletableFuture<Iterator<SnapshotProvider.Snapshot>>();
          stages.add(stage);
          return stage;
        });
    var client = gateway.connect("/wse");
    var request = "{\"t\":\"sync_request\",\"p\":{\"topics\":[\"a\"]}}";
    for (int i = 0; i < 6; i++) {
      client.send(request);
    }
    var refused = client.next("snapshot_complete").path("p");
    assertThat(refused.path("message").asString()).contains("Too many");
    for (int i = 0; i < 100; i++) {
      gateway.clock.advance(Duration.ofMillis(110));
    }
    var late = client.next("snapshot_complete").path("p");
    assertThat(late.path("message").asString()).contains("did not come in time");
    stages.getFirst().complete(List.of(SnapshotProvider.Snapshot.of("a", bytes("1"))).iterator());
    Await.until("the next is asked for", () -> stages.size() == 2);
    stages.get(1).complete(List.of(SnapshotProvider.Snapshot.of("a", bytes("2"))).iterator());
    assertThat(client.next("a_snapshot").path("p").path("data").asInt()).isEqualTo(2);
    assertThat(client.next("snapshot_complete").path("p").path("success").asBoolean()).isTrue();
  }

  @Test
  void aSnapshotThatIsTooLargeIsSaidAndTheOthersCome()
      throws InterruptedException, ProblemException {
    start(
        (user, topics) ->
            now(
                List.of(
                    SnapshotProvider.Snapshot.of("a", bytes("\"" + "x".repeat(1 << 20) + "\"")),
                    SnapshotProvider.Snapshot.of("b", bytes("2")))));
    var client = gateway.connect("/wse");
    client.send("{\"t\":\"sync_request\",\"p\":{\"topics\":[\"a\",\"b\"]}}");
    assertThat(client.next("error").path("p").path("code").asString())
        .isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(client.next("b_snapshot")).isNotNull();
    assertThat(client.next("snapshot_complete").path("p").path("snapshots_sent").toString())
        .isEqualTo("[\"b\"]");
  }

  @Test
  void whereItIsConfiguredSubscribersGetThemAtOnce() throws InterruptedException, ProblemException {
    start(
        (user, topics) -> now(List.of(SnapshotProvider.Snapshot.of(topics.getFirst(), bytes("1")))),
        "snapshot_on_subscribe=true");
    var client = gateway.connect("/wse?topics=a");
    assertThat(client.next()).contains("server_ready");
    assertThat(client.next()).contains("subscription_update");
    assertThat(client.next()).contains("a_snapshot");
    assertThat(client.next()).contains("snapshot_complete");
  }

  @Test
  void aClientThatDoesNotReadHoldsOneSnapshotInMemory() throws Exception {
    var made = new AtomicInteger();
    var state = bytes("\"" + "x".repeat(500_000) + "\"");
    start(
        (user, topics) ->
            CompletableFuture.completedFuture(
                new Iterator<SnapshotProvider.Snapshot>() {
                  @Override
                  public boolean hasNext() {
                    return made.get() < 200;
                  }

                  @Override
                  public SnapshotProvider.Snapshot next() {
                    return SnapshotProvider.Snapshot.of("t" + made.getAndIncrement(), state);
                  }
                }));
    try (var socket = RawSocket.open(gateway.port(), "/wse?compression=false")) {
      send(socket.getOutputStream(), "{\"t\":\"sync_request\",\"p\":{\"topics\":[\"t\"]}}");
      Await.until("some are made", () -> made.get() > 2);
      // All that fits is what the kernel takes, and one more.
      int before;
      do {
        before = made.get();
        var turned = turnedOnceMore();
        send(socket.getOutputStream(), "{\"t\":\"noted\"}");
        Await.until("the loop has turned", turned);
      } while (made.get() > before);
      assertThat(made.get()).isLessThan(60);
      var in = socket.getInputStream();
      long bytes = 0;
      var part = new byte[1 << 16];
      while (bytes < 100_000_000L) {
        int read = in.read(part);
        assertThat(read).isPositive();
        bytes += read;
      }
      assertThat(made.get()).isEqualTo(200);
    }
  }

  private BooleanSupplier turnedOnceMore() {
    double before = gateway.metrics.count(WseMetric.RECEIVED, "unknown");
    return () -> gateway.metrics.count(WseMetric.RECEIVED, "unknown") > before;
  }

  /// One masked text frame of at most 125 bytes; the mask is zero.
  private static void send(OutputStream out, String text) throws java.io.IOException {
    var payload = bytes(text);
    var frame = new byte[6 + payload.length];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) (0x80 | payload.length);
    System.arraycopy(payload, 0, frame, 6, payload.length);
    out.write(frame);
    out.flush();
  }

  @Test
  void aStateIsOneJsonValueAndItsTypeNamesASnapshot() throws ProblemException {
    start(SnapshotProvider.NONE);
    assertThatThrownBy(() -> SnapshotProvider.Snapshot.of("a", bytes("{")))
        .hasMessageContaining("not one JSON value");
    assertThatThrownBy(() -> new SnapshotProvider.Snapshot("a", "state", bytes("1")))
        .hasMessageContaining("_snapshot");
  }
}
