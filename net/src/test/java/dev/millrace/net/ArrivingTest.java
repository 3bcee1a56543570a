package dev.millrace.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Peers that connect and never come to the point.
@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class ArrivingTest {
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final TestServer server = new TestServer();
  private final ArrayList<RawPeer> peers = new ArrayList<>();

  ArrivingTest() throws ProblemException {}

  @AfterEach
  void stop() throws IOException {
    for (var peer : peers) {
      peer.close();
    }
    server.close();
  }

  @Test
  void whoHasSentNoWholeHeadIsCountedApartAndOthersComeAndGo() throws IOException {
    server.loops.apply(TestServer.spec("max_arriving: 3\n"));
    var silent = peer();
    var halfWay = peer().send("GET / HTTP/1.1\r\nHo");
    awaitArriving(2);

    try (var socket = server.webSocket();
        var client = server.connect()) {
      assertThat(client.send(REQUEST).answer()).startsWith("HTTP/1.1 200 ");
      assertThat(client.send(REQUEST).answer()).startsWith("HTTP/1.1 200 ");
      awaitArriving(2);

      var third = peer();
      awaitArriving(3);
      assertThat(peer().atEnd()).isTrue();
      assertThat(server.count(NetMetric.CONNECTIONS_REFUSED, "arriving_over_limit")).isEqualTo(1);
      assertThat(socket.text("still here").frame().text()).isEqualTo("still here");

      assertThat(halfWay.send("st: x\r\n\r\n").answer()).startsWith("HTTP/1.1 200 ");
      third.close();
      awaitArriving(1);
      assertThat(peer().send(REQUEST).answer()).startsWith("HTTP/1.1 200 ");
    }
    server.passTimeUntil("the silent one is cut", () -> arriving() == 0);
    assertThat(silent.atEnd()).isTrue();
  }

  @Test
  void oneAddressCannotTakeEveryPlace() throws IOException {
    server.loops.apply(TestServer.spec("max_arriving_per_address: 1\n"));
    peer();
    awaitArriving(1);
    assertThat(peer().atEnd()).isTrue();
    assertThat(server.count(NetMetric.CONNECTIONS_REFUSED, "arriving_over_limit_of_address"))
        .isEqualTo(1);
    assertThat(server.loops.openConnections()).isEqualTo(1);
    server.loops.apply(TestServer.spec("max_arriving_per_address: 0\n"));
    assertThat(peer().send(REQUEST).answer()).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void headsThatDoNotComeAtOnceShareTheBudgetOfUnfinishedInput() throws IOException {
    server.loops.apply(TestServer.spec("max_incomplete_input: 1MiB\n"));
    var budget = server.loops.loops().getFirst().incompleteInput();
    var line = "GET /" + "x".repeat(60_000);
    int held = 17; // of 60 kB each
    for (int i = 0; i < held; i++) {
      long before = budget.usedBytes();
      peer().send(line);
      Await.until("the line is held", () -> budget.usedBytes() >= before + 60_000);
    }
    var tooMuch = peer().send(line);
    assertThat(tooMuch.answer()).startsWith("HTTP/1.1 503 ");
    assertThat(server.count(NetMetric.HTTP_REJECTED, "memory")).isEqualTo(1);
    assertThat(budget.usedBytes()).isLessThanOrEqualTo(1 << 20);

    try (var atOnce = server.connect()) {
      assertThat(atOnce.send(REQUEST).answer()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(peers.getFirst().send(" HTTP/1.1\r\nHost: x\r\n\r\n").answer())
        .startsWith("HTTP/1.1 200 ");
    server.passTimeUntil("the others are cut", () -> budget.usedBytes() == 0);
  }

  private RawPeer peer() throws IOException {
    var peer = server.connect();
    peers.add(peer);
    return peer;
  }

  private int arriving() {
    return server.loops.arrivingConnections();
  }

  private void awaitArriving(int connections) {
    Await.until(connections + " arrive", () -> arriving() == connections);
  }
}
