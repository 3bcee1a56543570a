package dev.millrace.net.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.Location;
import dev.millrace.core.route.Response;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetMetric;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.net.tls.Tls;
import dev.millrace.net.tls.TlsSpec;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class TlsListenerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final TestCertificates.Certified certified = TestCertificates.localhost();
  private final Tls tls = Tls.load(spec(certified), Path.of(""), Location.of("test"));
  private final TestServer server = new TestServer(tls);

  TlsListenerTest() throws Exception {}

  @AfterEach
  void stop() {
    server.close();
  }

  private static TlsSpec spec(TestCertificates.Certified certified) {
    return new TlsSpec(certified.certFile().toString(), certified.keyFile().toString());
  }

  private double failures(String reason) {
    return server.count(NetMetric.TLS_HANDSHAKE_FAILURES, reason);
  }

  private void awaitFailure(String reason) {
    Await.until("a handshake failed: " + reason, () -> failures(reason) == 1);
    Await.until("the connection is gone", () -> server.loops.openConnections() == 0);
  }

  @Test
  void servesTheClientOfTheJdkAndKnowsThatItIsSecure() throws Exception {
    server.answers =
        exchange ->
            exchange.respond(
                Response.text(
                    200,
                    exchange.head().secure() + " " + new String(exchange.body(), UTF_8).length()));
    try (var client = HttpClient.newBuilder().sslContext(certified.clientContext()).build()) {
      var uri = URI.create("https://localhost:" + server.port() + "/");
      var request =
          HttpRequest.newBuilder(uri)
              .POST(HttpRequest.BodyPublishers.ofString("x".repeat(300_000)))
              .build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).isEqualTo("true 300000");
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
    assertThat(server.count(NetMetric.TLS_HANDSHAKES)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void speaksBothVersionsAndChoosesHttp11(String version) throws Exception {
    var sockets = certified.clientContext().getSocketFactory();
    try (var socket = (SSLSocket) sockets.createSocket("127.0.0.1", server.port())) {
      socket.setEnabledProtocols(new String[] {version});
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
      var peer = new RawPeer(socket);
      assertThat(peer.send(GET + GET).answer()).endsWith("ok");
      assertThat(peer.answer()).endsWith("ok");
    }
  }

  @Test
  void whoComesWhenTooManyHandshakesWaitIsClosedAndTheNextOneIsServed() throws Exception {
    var free = new CountDownLatch(1);
    var handshakes = server.loops.handshakes();
    handshakes.execute(
        () -> {
          try {
            assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });
    var drained = new CountDownLatch(EventLoops.MOST_HANDSHAKES);
    for (int i = 0; i < EventLoops.MOST_HANDSHAKES; i++) {
      handshakes.execute(drained::countDown);
    }
    assertThatThrownBy(() -> server.connect(certified)).isInstanceOf(IOException.class);
    awaitFailure("overloaded");
    free.countDown();
    assertThat(drained.await(10, TimeUnit.SECONDS)).isTrue();
    try (var peer = server.connect(certified)) {
      assertThat(peer.send(GET).answer()).endsWith("ok");
    }
  }

  @Test
  void anAnswerThatClosesArrivesWholeAndEndsWithCloseNotify() throws Exception {
    server.answers = exchange -> exchange.respond(Response.text(200, "x".repeat(2_000_000)));
    try (var peer = server.connect(certified)) {
      peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      peer.head();
      // Without close_notify the JDK's socket would fail here.
      assertThat(peer.rest()).hasSize(2_000_000);
    }
    Await.until("it is gone", () -> server.loops.openConnections() == 0);
  }

  @Test
  void whoSpeaksPlainHttpIsToldSoInPlainHttp() throws Exception {
    try (var peer = server.connect()) {
      peer.send(GET);
      assertThat(peer.answer())
          .startsWith("HTTP/1.1 400 ")
          .contains("Connection: close\r\n", "https://");
      assertThat(peer.atEnd()).isTrue();
    }
    awaitFailure("plain_http");
  }

  @Test
  void garbageIsClosedAndCounted() throws Exception {
    try (var peer = server.connect()) {
      peer.send((byte) 0, (byte) 1, (byte) 2);
      assertThat(peer.atEnd()).isTrue();
    }
    awaitFailure("not_tls");
    try (var peer = server.connect()) {
      peer.send((byte) 22, (byte) 3, (byte) 1, (byte) 0, (byte) 4);
      peer.send((byte) 9, (byte) 9, (byte) 9, (byte) 9);
      peer.rest();
    }
    awaitFailure("broken");
  }

  @Test
  void aHandshakeEndsWithinTheTimeForAHead() throws Exception {
    try (var silent = server.connect();
        var slow = server.connect()) {
      slow.send((byte) 22, (byte) 3, (byte) 1);
      Await.until("both are known", () -> server.loops.openConnections() == 2);
      server.clock.advance(Duration.ofSeconds(9));
      assertThat(server.loops.openConnections()).isEqualTo(2);
      server.passTimeUntil("both are cut", () -> server.loops.openConnections() == 0);
      silent.rest();
      slow.rest();
    }
    assertThat(failures("too_slow")).isEqualTo(2);
  }

  @Test
  void whoLeavesOrTrustsNobodyOrIsTooOldIsCounted() throws Exception {
    server.connect().close();
    awaitFailure("peer_left");
    assertThatThrownBy(() -> server.connect(TestCertificates.localhost(1)))
        .isInstanceOf(SSLException.class);
    awaitFailure("refused_by_peer");
    try (var old = server.connect()) {
      old.send(HelloOfTls10.BYTES);
      old.rest();
    }
    awaitFailure("nothing_in_common");
  }

  /// A ClientHello that knows nothing newer than TLS 1.0.
  private static final class HelloOfTls10 {
    static final byte[] BYTES = bytes();

    private static byte[] bytes() {
      var out = new java.io.ByteArrayOutputStream();
      out.writeBytes(new byte[] {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1});
      out.writeBytes(new byte[32]); // random
      out.writeBytes(new byte[] {0, 0, 2, 0, 0x2f, 1, 0}); // no session, one suite, no compression
      return out.toByteArray();
    }
  }

  @Test
  void afterAReloadNewConnectionsGetTheNewCertificateAndOpenOnesGoOn() throws Exception {
    var renewed = TestCertificates.localhost(1);
    try (var before = server.connect(certified)) {
      assertThat(before.send(GET).answer()).endsWith("ok");
      tls.prepare(spec(renewed), Path.of(""), Location.of("test")).commit();
      try (var after = server.connect(renewed)) {
        assertThat(after.send(GET).answer()).endsWith("ok");
      }
      assertThatThrownBy(() -> server.connect(certified)).isInstanceOf(SSLException.class);
      assertThat(before.send(GET).answer()).endsWith("ok");
    }
  }

  @Test
  void sendsTheChainSoThatTrustingTheAuthorityIsEnough() throws Exception {
    var signed = TestCertificates.signed();
    tls.prepare(spec(signed), Path.of(""), Location.of("test")).commit();
    try (var peer = server.connect(signed)) {
      assertThat(peer.send(GET).answer()).endsWith("ok");
    }
  }

  @Test
  void limitsHoldAsWithoutTls() throws Exception {
    try (var peer = server.connect(certified)) {
      peer.send("GET / HTTP/1.1\r\nHost: x\r\nX-A: " + "a".repeat(70_000));
      assertThat(peer.answer()).startsWith("HTTP/1.1 431 ");
      assertThat(peer.atEnd()).isTrue();
    }
    server.answers = exchange -> exchange.respond(Response.text(200, "x".repeat(32 << 20)));
    try (var peer = server.connect(certified)) {
      peer.send(GET);
      Await.until("it is known", () -> server.loops.openConnections() == 1);
      server.passTimeUntil("it is gone", () -> server.loops.openConnections() == 0);
    }
  }

  @Test
  void whoHasNotFinishedItsHandshakeCountsAsArriving() throws Exception {
    server.loops.apply(TestServer.spec("max_arriving: 2\n"));
    try (var silent = server.connect();
        var begun = server.connect()) {
      begun.send((byte) 22, (byte) 3, (byte) 1, (byte) 2); // a ClientHello that ends here
      Await.until("both are known", () -> server.loops.arrivingConnections() == 2);
      try (var third = server.connect()) {
        assertThat(third.atEnd()).isTrue();
      }
      begun.socket.close();
      Await.until("one has left", () -> server.loops.arrivingConnections() == 1);
      try (var client = server.connect(certified)) {
        assertThat(server.loops.arrivingConnections()).isEqualTo(2);
        assertThat(client.send(GET).answer()).startsWith("HTTP/1.1 200 ");
        assertThat(server.loops.arrivingConnections()).isEqualTo(1);
      }
      server.passTimeUntil("the silent one is cut", () -> server.loops.openConnections() == 0);
      assertThat(silent.atEnd()).isTrue();
    }
  }

  @Test
  void aClientThatEndsItsOutputStillGetsItsAnswer() throws Exception {
    var late = new java.util.concurrent.ConcurrentLinkedQueue<HttpExchange>();
    server.answers = late::add;
    try (var peer = server.connect(certified, "TLSv1.3")) {
      peer.send(GET);
      ((SSLSocket) peer.socket).shutdownOutput(); // close_notify, and reads on
      Await.until("the request is there", () -> !late.isEmpty());
      late.remove().respond(Response.text(200, "late"));
      assertThat(peer.answer()).endsWith("late");
      assertThat(peer.atEnd()).isTrue();
    }
    Await.until("it is gone", () -> server.loops.openConnections() == 0);
  }
}
