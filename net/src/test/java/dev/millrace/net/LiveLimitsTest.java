package dev.millrace.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.spec.Spec;
import dev.millrace.testkit.Await;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class LiveLimitsTest {
  private final TestServer server = new TestServer();

  LiveLimitsTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void limitsOnConnectionsHoldAtOnceAndOpenOnesStay() throws IOException {
    try (var first = server.connect();
        var second = server.connect()) {
      Await.until("both are in", () -> server.loops.openConnections() == 2);
      server.loops.apply(TestServer.spec("max_connections_per_address: 2\n"));
      try (var third = server.connect()) {
        assertThat(third.atEnd()).isTrue();
      }
      assertThat(server.count(NetMetric.CONNECTIONS_REFUSED, "over_limit_of_address")).isEqualTo(1);
      server.loops.apply(TestServer.spec("max_connections: 1\n"));
      try (var third = server.connect()) {
        assertThat(third.atEnd()).isTrue();
      }
      assertThat(server.count(NetMetric.CONNECTIONS_REFUSED, "over_limit")).isEqualTo(1);
      assertThat(ask(first)).startsWith("HTTP/1.1 200 ");
      assertThat(ask(second)).startsWith("HTTP/1.1 200 ");
      second.socket.close();
      Await.until("one has left", () -> server.loops.openConnections() == 1);
      server.loops.apply(TestServer.spec("max_connections_per_address: 2\n"));
      try (var again = server.connect()) {
        assertThat(ask(again)).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void theNextRequestOfAnOpenConnectionHasTheNewLimitsAndTimes() throws IOException {
    try (var peer = server.connect()) {
      assertThat(post(peer, 2_000)).startsWith("HTTP/1.1 200 ");
      server.loops.apply(TestServer.spec("max_request_body: 1KiB\nbody_timeout: 300s\n"));
      peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
      var held = server.loops.loops().getFirst().incompleteInput();
      Await.until("the first byte is there", () -> held.usedBytes() > 0);
      server.clock.advance(java.time.Duration.ofSeconds(200));
      peer.send("b");
      assertThat(peer.answer()).startsWith("HTTP/1.1 200 ");
      assertThat(post(peer, 2_000)).startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void memoryForIncompleteInputChangesAtOnce() throws IOException {
    server.loops.apply(TestServer.spec("max_incomplete_input: 1MiB\nmax_request_body: 4MiB\n"));
    try (var peer = server.connect()) {
      assertThat(post(peer, 2 << 20)).startsWith("HTTP/1.1 503 ");
    }
    server.loops.apply(NetSpec.DEFAULT);
    try (var peer = server.connect()) {
      assertThat(post(peer, 2 << 20)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void webSocketsOpenedAfterwardsHaveTheNewLimits() throws IOException {
    try (var before = server.webSocket()) {
      server.loops.apply(TestServer.spec("max_message: 1KiB\n"));
      var large = new byte[2_000];
      try (var after = server.webSocket()) {
        assertThat(after.frame(0x82, large).frame().closeCode()).isEqualTo(1009);
      }
      assertThat(before.frame(0x82, large).frame().payload()).hasSize(2_000);
    }
  }

  @Test
  void onlyTheNumberOfThreadsWaitsForARestart() {
    assertThat(Spec.of(NetSpec.class).keys())
        .filteredOn(Spec.Key::onRestart)
        .extracting(Spec.Key::name)
        .containsExactly("event_loops");
  }

  private static String ask(RawPeer peer) throws IOException {
    return peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").answer();
  }

  private static String post(RawPeer peer, int bytes) throws IOException {
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes + "\r\n\r\n");
    try {
      peer.send("x".repeat(bytes));
    } catch (java.net.SocketException refused) {
      assertThat(refused).hasMessageFindingMatch("reset|Broken pipe");
    }
    return peer.answer();
  }
}
