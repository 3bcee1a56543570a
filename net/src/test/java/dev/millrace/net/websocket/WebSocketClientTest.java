package dev.millrace.net.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.net.TestServer;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("StringConcatToTextBlock") // answers end their lines with CR LF
class WebSocketClientTest {
  private final TestServer server = new TestServer();
  private final WebSocketClient client = new WebSocketClient(server.loops);
  private final Notes notes = new Notes();

  WebSocketClientTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  /// Writes down what the client hears.
  private static final class Notes implements WebSocketListener {
    final Queue<String> heard = new ConcurrentLinkedQueue<>();
    final AtomicReference<String> ending = new AtomicReference<>();

    @Override
    public void message(boolean text, ByteBuf payload) {
      heard.add(payload.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void closed(int code, String reason) {
      ending.set(code + " " + reason);
    }
  }

  private WebSocketClient.Target target(String uri) {
    return new WebSocketClient.Target(
        URI.create(uri),
        Map.of("User-Agent", "millrace-test"),
        WebSocketLimits.of(server.loops.spec()),
        Duration.ofSeconds(10));
  }

  private ConnectOutcome connect(String uri) throws Exception {
    return client.connect(target(uri), connection -> notes).get(10, TimeUnit.SECONDS);
  }

  private WebSocketConnection connected() throws Exception {
    return ((ConnectOutcome.Connected) connect("ws://127.0.0.1:" + server.port() + "/echo?a=b"))
        .connection();
  }

  @Test
  void exchangesMessagesAndClosesCleanly() throws Exception {
    var connection = connected();
    connection
        .loop()
        .execute(
            () -> {
              connection.sendText("grüße");
              connection.sendBinary(
                  Unpooled.copiedBuffer("x".repeat(100_000), StandardCharsets.UTF_8));
              connection.ping(new byte[] {1});
              connection.flush();
            });
    Await.until("both echoes", () -> notes.heard.size() == 2);
    assertThat(notes.heard).containsExactly("grüße", "x".repeat(100_000));
    connection.loop().execute(() -> connection.close(1000, "done"));
    Await.until("closed", () -> notes.ending.get() != null);
    assertThat(notes.ending).hasValue("1000 done");
    Await.until("the server's socket is gone", () -> server.loops.openConnections() == 0);
  }

  @Test
  void hearsTheServersClose() throws Exception {
    server.sockets = connection -> (text, payload) -> connection.close(4503, "Server overloaded");
    var connection = connected();
    connection
        .loop()
        .execute(
            () -> {
              connection.sendText("go");
              connection.flush();
            });
    Await.until("closed", () -> notes.ending.get() != null);
    assertThat(notes.ending).hasValue("4503 Server overloaded");
  }

  @Test
  void reportsTheStatusOfARefusalWithItsHeadersAndBody() throws Exception {
    var outcome = connect("ws://127.0.0.1:" + server.port() + "/refused");
    assertThat(outcome).isInstanceOf(ConnectOutcome.Refused.class);
    var refused = (ConnectOutcome.Refused) outcome;
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).isEqualTo("not here");
    assertThat(refused.headers()).containsEntry("retry-after", "7");
  }

  @Test
  void saysWhyItCouldNotConnectWithoutTheQuery() throws Exception {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertThat(connect("ws://127.0.0.1:" + free + "/x?token=secret").toString())
        .contains("ws://127.0.0.1:" + free + "/x cannot be reached")
        .doesNotContain("secret");
    assertThat(connect("ws://no-such-host.invalid/").toString()).contains("is not known");
    assertThat(connect("http://127.0.0.1/").toString()).contains("begins with ws://");
    assertThat(connect("ws:///x").toString()).contains("names no host");
  }

  @Test
  void givesUpOnAServerThatStaysSilent() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var outcome =
          client.connect(
              target("ws://127.0.0.1:" + silent.getLocalPort() + "/"), connection -> notes);
      server.passTimeUntil("it gives up", outcome::isDone);
      assertThat(outcome.get().toString()).contains("did not answer within PT10S");
    }
  }

  @Test
  void refusesAnswersThatAreNotForItsHandshake() throws Exception {
    assertThat(
            answeredBy(
                    "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: wrong\r\n\r\n")
                .toString())
        .contains("does not fit our key");
    assertThat(answeredBy("HTTP/1.1 101 X\r\n\r\n").toString()).contains("does not upgrade");
    assertThat(answeredBy("nonsense\r\n\r\n").toString()).contains("Failed");
    assertThat(answeredBy("").toString()).contains("closed the connection");
    assertThat(answeredBy("HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\nbusy"))
        .isEqualTo(new ConnectOutcome.Refused(503, Map.of("content-length", "4"), "busy"));
  }

  private ConnectOutcome answeredBy(String answer) throws Exception {
    try (var canned = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var outcome =
          client.connect(
              target("ws://127.0.0.1:" + canned.getLocalPort() + "/"), connection -> notes);
      try (var socket = canned.accept()) {
        var request = new byte[1_000];
        assertThat(socket.getInputStream().read(request)).isPositive();
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        socket.shutdownOutput();
        return outcome.get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void pausingHoldsTheServerBack() throws Exception {
    var sent = new AtomicInteger();
    server.sockets =
        connection ->
            new WebSocketListener() {
              @Override
              public void message(boolean text, ByteBuf payload) {
                writable();
              }

              @Override
              public void writable() {
                while (connection.unfinished() == 0 && sent.get() < 400) {
                  connection.sendText(sent.incrementAndGet() + "-" + "x".repeat(100_000));
                  connection.flush();
                }
              }
            };
    var connection = connected();
    connection
        .loop()
        .execute(
            () -> {
              connection.sendText("go");
              connection.flush();
              connection.pauseReading();
            });
    Await.until("the server is stuck", () -> sent.get() > 0 && isStuck(sent));
    assertThat(notes.heard).isEmpty();
    assertThat(sent.get()).isLessThan(400);
    connection.loop().execute(connection::resumeReading);
    Await.until("everything came", () -> notes.heard.size() == 400);
    int next = 1;
    for (var message : notes.heard) {
      assertThat(message).startsWith(next++ + "-");
    }
  }

  private static boolean isStuck(AtomicInteger sent) {
    int before = sent.get();
    java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    return sent.get() == before;
  }

  @Test
  void theJdksClientAndOurServerUnderstandEachOther() throws Exception {
    var heard = new ConcurrentLinkedQueue<String>();
    var closed = new CompletableFuture<Integer>();
    // Never closed: HttpClient.close waits for an open WebSocket for ever.
    var jdk =
        java.net.http.HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + server.port() + "/echo"),
                new java.net.http.WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(
                      java.net.http.WebSocket socket, CharSequence data, boolean last) {
                    heard.add(data.toString());
                    socket.request(1);
                    return CompletableFuture.completedStage(null);
                  }

                  @Override
                  public CompletionStage<?> onPong(
                      java.net.http.WebSocket socket, ByteBuffer data) {
                    heard.add("pong " + data.remaining());
                    socket.request(1);
                    return CompletableFuture.completedStage(null);
                  }

                  @Override
                  public CompletionStage<?> onClose(
                      java.net.http.WebSocket socket, int code, String reason) {
                    closed.complete(code);
                    return CompletableFuture.completedStage(null);
                  }
                })
            .get(10, TimeUnit.SECONDS);
    jdk.sendText("frag", false).get(10, TimeUnit.SECONDS);
    jdk.sendText("ments", true).get(10, TimeUnit.SECONDS);
    jdk.sendPing(ByteBuffer.wrap(new byte[7])).get(10, TimeUnit.SECONDS);
    Await.until("echo and pong", () -> heard.size() == 2);
    assertThat(heard).containsExactly("fragments", "pong 7");
    jdk.sendClose(1000, "bye").get(10, TimeUnit.SECONDS);
    assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo(1000);
  }

  @Test
  void checksCertificateAndHostNameOverTls() throws Exception {
    var good = TestCertificates.localhost();
    var another = TestCertificates.of("elsewhere", -1, 9);
    var tls =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .trustManager(good.certificate(), another.certificate())
            .endpointIdentificationAlgorithm("HTTPS")
            .build();
    var trusting = new WebSocketClient(server.loops, tls);
    try (var proxy = tlsInFrontOf(good, server.port());
        var elsewhere = tlsInFrontOf(another, server.port())) {
      var name = "wss://localhost:" + proxy.getLocalPort() + "/echo";
      var outcome = trusting.connect(target(name), connection -> notes).get(10, TimeUnit.SECONDS);
      var connection = ((ConnectOutcome.Connected) outcome).connection();
      connection
          .loop()
          .execute(
              () -> {
                connection.sendText("over TLS");
                connection.flush();
              });
      Await.until("the echo", () -> notes.heard.contains("over TLS"));
      connection.loop().execute(() -> connection.close(1000, ""));
      Await.until("closed", () -> notes.ending.get() != null);
      assertThat(notes.ending).hasValue("1000 ");

      assertThat(client.connect(target(name), c -> notes).get(10, TimeUnit.SECONDS).toString())
          .contains("the TLS handshake failed");
      var wrongName = "wss://localhost:" + elsewhere.getLocalPort() + "/echo";
      assertThat(
              trusting.connect(target(wrongName), c -> notes).get(10, TimeUnit.SECONDS).toString())
          .contains("the TLS handshake failed");
    }
  }

  /// Takes TLS off and passes everything to `port`.
  private static ServerSocket tlsInFrontOf(TestCertificates.Certified shown, int port)
      throws IOException {
    var front =
        shown
            .serverContext()
            .getServerSocketFactory()
            .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (!front.isClosed()) {
                try {
                  var outside = front.accept();
                  var inside = new java.net.Socket(InetAddress.getLoopbackAddress(), port);
                  pump(outside.getInputStream(), inside.getOutputStream(), inside);
                  pump(inside.getInputStream(), outside.getOutputStream(), outside);
                } catch (IOException closed) {
                  assertThat(closed).isNotNull();
                }
              }
            });
    return front;
  }

  private static void pump(InputStream in, OutputStream out, java.net.Socket toClose) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (toClose) {
                in.transferTo(out);
              } catch (IOException closed) {
                assertThat(closed).isNotNull();
              }
            });
  }
}
