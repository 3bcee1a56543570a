package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.net.NetMetric;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.testkit.Await;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Handshakes that are not decided at once.
@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class LateDecisionTest {
  private static final String HANDSHAKE =
      "GET /later HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
          + RawPeer.KEY
          + "\r\n\r\n";

  private final TestServer server = new TestServer();
  private final AtomicInteger asked = new AtomicInteger();

  LateDecisionTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  private Upgrade accept() {
    asked.incrementAndGet();
    assertThat(server.loops.loops()).anyMatch(loop -> loop.inLoop());
    return new Upgrade.Accept(server.sockets, WebSocketLimits.of(server.loops.spec()));
  }

  /// Waits until the loop has done all it was told so far.
  private void settle() throws InterruptedException {
    var done = new CountDownLatch(1);
    server.loops.next().execute(done::countDown);
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private RawPeer waiting() throws Exception {
    double before = server.count(NetMetric.CONNECTIONS);
    var peer = server.connect();
    Await.until("accepted", () -> server.count(NetMetric.CONNECTIONS) > before);
    peer.send(HANDSHAKE);
    return peer;
  }

  @Test
  void aHandshakeThatIsDecidedLaterBecomesAWebSocket() throws Exception {
    try (var peer = waiting()) {
      server.later.complete(this::accept);
      assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
      peer.text("hello");
      assertThat(peer.frame().text()).isEqualTo("hello");
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void aHandshakeThatIsRefusedLaterLeavesTheConnectionToTheNextRequest() throws Exception {
    try (var peer = waiting()) {
      server.later.complete(() -> new Upgrade.Refuse(Response.text(403, "no")));
      assertThat(peer.answer()).startsWith("HTTP/1.1 403 ").endsWith("no");
      peer.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("ok");
    }
  }

  @Test
  void noDecisionIsAFailureOfOurs() throws Exception {
    try (var peer = waiting()) {
      server.later.completeExceptionally(new IllegalStateException("gone"));
      assertThat(peer.answer()).startsWith("HTTP/1.1 500 ");
    }
    assertThat(server.count(NetMetric.CALLBACK_FAILURES)).isEqualTo(1);
  }

  @Test
  void whoLeavesBeforeTheDecisionIsNotDecidedAbout() throws Exception {
    var peer = waiting();
    peer.socket.setSoLinger(true, 0);
    peer.close();
    Await.until("gone", () -> server.loops.openConnections() == 0);
    server.later.complete(this::accept);
    settle();
    assertThat(asked).hasValue(0);
  }

  @Test
  void whoEndsItsInputBeforeTheDecisionGetsNoWebSocketThatNobodyWouldEnd() throws Exception {
    try (var peer = waiting()) {
      peer.socket.shutdownOutput();
      settle();
      server.later.complete(this::accept);
      Await.until("closed", () -> server.loops.openConnections() == 0);
    }
  }

  @Test
  void whoEndsItsInputBeforeARefusalStillHearsOfIt() throws Exception {
    try (var peer = waiting()) {
      peer.socket.shutdownOutput();
      settle();
      server.later.complete(() -> new Upgrade.Refuse(Response.text(403, "no")));
      assertThat(peer.answer()).startsWith("HTTP/1.1 403 ");
    }
  }

  @Test
  void whoSendsOnBeforeTheDecisionIsRefused() throws Exception {
    try (var peer = server.connect()) {
      peer.send(HANDSHAKE + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      settle();
      server.later.complete(this::accept);
      assertThat(peer.answer()).startsWith("HTTP/1.1 400 ").contains("nothing may follow");
    }
    assertThat(asked).hasValue(0);
  }
}
