package dev.millrace.net.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Location;
import dev.millrace.net.EchoListener;
import dev.millrace.net.NetMetric;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.net.tls.Tls;
import dev.millrace.net.tls.TlsSpec;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketTlsTest {
  private final TestCertificates.Certified certified = TestCertificates.localhost();
  private final TestServer server =
      new TestServer(
          Tls.load(
              new TlsSpec(certified.certFile().toString(), certified.keyFile().toString()),
              Path.of(""),
              Location.of("test")));
  private final Queue<String> endings = new ConcurrentLinkedQueue<>();

  WebSocketTlsTest() throws Exception {
    server.sockets = this::echo;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private WebSocketListener echo(WebSocketConnection connection) {
    var echo = new EchoListener(connection);
    return new WebSocketListener() {
      @Override
      public void message(boolean text, ByteBuf payload) {
        echo.message(text, payload);
      }

      @Override
      public void closed(int code, String reason) {
        endings.add(code + " " + reason);
      }
    };
  }

  private RawPeer webSocket(String... protocols) throws IOException {
    return server.connect(certified, protocols).handshake("/echo");
  }

  private void awaitGone() {
    Await.until("the socket is gone", () -> server.loops.openConnections() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void echoesMessagesOfEverySizeClass(String version) throws IOException {
    try (var peer = webSocket(version)) {
      for (int bytes : new int[] {0, 1, 125, 126, 16_384, 65_535, 65_536, 300_000, 4 << 20}) {
        var payload = new byte[bytes];
        Arrays.fill(payload, (byte) '*');
        peer.frame(0x82, payload);
        assertThat(Arrays.equals(peer.frame().payload(), payload)).as("%s bytes", bytes).isTrue();
      }
    }
    awaitGone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theClosingHandshakeOfTheClientIsAnsweredAndTcpEndsWithoutWaiting(String version)
      throws IOException {
    try (var peer = webSocket(version)) {
      peer.frame(0x88, new byte[] {0x03, (byte) 0xe8, 'b', 'y', 'e'});
      assertThat(peer.frame().closeCode()).isEqualTo(1000);
      assertThat(peer.atEnd()).isTrue(); // close_notify; the clock stands still
    }
    awaitGone();
    assertThat(endings).containsExactly("1000 bye");
    assertThat(server.count(NetMetric.CLOSE_TIMEOUTS)).isZero();
  }

  @Test
  void theClosingHandshakeOfTheServerEndsInBothDirections() throws IOException {
    server.sockets = connection -> (text, payload) -> connection.close(4001, "enough");
    try (var peer = webSocket()) {
      peer.text("go");
      assertThat(peer.frame().closeCode()).isEqualTo(4001);
      peer.frame(0x88, new byte[] {0x0f, (byte) 0xa1});
      assertThat(peer.atEnd()).isTrue();
    }
    awaitGone();
    assertThat(server.count(NetMetric.CLOSE_TIMEOUTS)).isZero();
  }

  @Test
  void aPeerThatNeverAnswersTheCloseIsCut() throws IOException {
    server.sockets = connection -> (text, payload) -> connection.close(4001, "enough");
    try (var peer = webSocket()) {
      peer.text("go");
      assertThat(peer.frame().closeCode()).isEqualTo(4001);
      server.passTimeUntil("it is cut", () -> server.loops.openConnections() == 0);
    }
    assertThat(server.count(NetMetric.CLOSE_TIMEOUTS)).isEqualTo(1);
  }

  @Test
  void brokenFramesAreAnsweredWithTheirCode() throws IOException {
    try (var peer = webSocket()) {
      peer.send((byte) 0x81, (byte) 1, (byte) 'x'); // not masked
      assertThat(peer.frame().closeCode()).isEqualTo(1002);
      assertThat(peer.atEnd()).isTrue();
    }
    awaitGone();
  }

  @Test
  void aPeerThatGoesWithoutAWordOrWithCloseNotifyOnlyIsNoticed() throws IOException {
    try (var peer = webSocket("TLSv1.3")) {
      ((javax.net.ssl.SSLSocket) peer.socket).shutdownOutput(); // close_notify, no close frame
      awaitGone();
    }
    webSocket("TLSv1.2").socket.close();
    awaitGone();
    Await.until("both have been heard of", () -> endings.size() == 2); // a moment after they go
    assertThat(endings).containsExactly("1006 ", "1006 ");
  }

  @Test
  void aMessageCutInTheMiddleIsGivenBackWhenTheConnectionEnds() throws IOException {
    var held = server.loops.loops().getFirst().incompleteInput();
    try (var peer = webSocket()) {
      var frame = RawPeer.masked(0x81, "half a message".getBytes(UTF_8));
      peer.send(Arrays.copyOf(frame, 12));
      Await.until("a part is held", () -> held.usedBytes() > 0);
    }
    Await.until("nothing is held", () -> held.usedBytes() == 0);
  }

  @Test
  void aJamIsToldAndItsEndToo() throws IOException {
    var sent = new AtomicInteger();
    var jams = new AtomicInteger();
    var jammed = new AtomicBoolean(); // the loop writes, the test reads
    server.sockets =
        connection -> {
          return new WebSocketListener() {
            @Override
            public void message(boolean text, ByteBuf payload) {
              go();
            }

            @Override
            public void writable() {
              jams.incrementAndGet();
              go();
            }

            private void go() {
              while (connection.unfinished() == 0 && sent.get() < 300) {
                connection.sendText(sent.incrementAndGet() + "-" + "x".repeat(100_000));
                connection.flush();
              }
              jammed.compareAndSet(false, connection.unfinished() > 0);
            }
          };
        };
    try (var peer = webSocket()) {
      peer.text("go");
      Await.until("a jam", jammed::get);
      for (int i = 1; i <= 300; i++) {
        assertThat(peer.frame().text()).startsWith(i + "-");
      }
    }
    assertThat(jams).hasPositiveValue();
  }

  @Test
  void aJammedPeerIsClosedAtOnceWhenTimeIsUp() throws IOException {
    var stuck = new AtomicReference<WebSocketConnection>();
    server.sockets =
        connection -> {
          stuck.set(connection);
          return (text, payload) -> {
            while (connection.unfinished() == 0) {
              connection.sendText("x".repeat(100_000));
              connection.flush();
            }
            connection.close(1001, "going");
          };
        };
    try (var peer = webSocket()) {
      peer.text("go");
      Await.until("it is closing", () -> stuck.get() != null && !stuck.get().isOpen());
      long started = System.nanoTime();
      server.passTimeUntil("it is cut", () -> server.loops.openConnections() == 0);
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
    }
  }

  /// Fan-out gives every connection slices of the same memory.
  @Test
  void whatIsWrittenIsNotTouched() throws Exception {
    var shared = Unpooled.directBuffer(100_000);
    try {
      int end = 0;
      for (int i = 0; i < 500; i++) {
        var text = ("message " + i + " ").repeat(5).getBytes(UTF_8);
        Frames.writeHeader(shared, true, text.length);
        shared.writeBytes(text);
        end = shared.writerIndex();
      }
      var before = new byte[end];
      shared.getBytes(0, before);
      int all = end;
      server.sockets =
          connection ->
              (text, payload) -> {
                for (int from = 0; from < all; from += 1_000) {
                  connection.write(shared.retainedSlice(from, Math.min(1_000, all - from)));
                }
              };
      try (var one = webSocket();
          var other = webSocket()) {
        one.text("go");
        other.text("go");
        for (int i = 0; i < 500; i++) {
          assertThat(one.frame().text()).startsWith("message " + i + " ");
          assertThat(other.frame().text()).startsWith("message " + i + " ");
        }
      }
      awaitGone();
      var after = new byte[end];
      shared.getBytes(0, after);
      assertThat(Arrays.equals(after, before)).isTrue();
      assertThat(shared.refCnt()).isEqualTo(1);
    } finally {
      shared.release();
    }
  }

  @Test
  void ourClientAndOurServerUnderstandEachOther() throws Exception {
    var trusting =
        SslContextBuilder.forClient()
            .trustManager(certified.certificate())
            .endpointIdentificationAlgorithm("HTTPS")
            .build();
    var client = new WebSocketClient(server.loops, trusting);
    var heard = new ConcurrentLinkedQueue<Integer>();
    var ending = new AtomicReference<String>();
    var target =
        new WebSocketClient.Target(
            URI.create("wss://localhost:" + server.port() + "/echo"),
            Map.of(),
            WebSocketLimits.of(server.loops.spec()),
            Duration.ofSeconds(10));
    var outcome =
        client
            .connect(
                target,
                connection ->
                    new WebSocketListener() {
                      @Override
                      public void message(boolean text, ByteBuf payload) {
                        heard.add(payload.readableBytes());
                      }

                      @Override
                      public void closed(int code, String reason) {
                        ending.set(code + " " + reason);
                      }
                    })
            .get(10, TimeUnit.SECONDS);
    var connection = ((ConnectOutcome.Connected) outcome).connection();
    connection
        .loop()
        .execute(
            () -> {
              connection.sendText("hello");
              connection.sendBinary(Unpooled.wrappedBuffer(new byte[1_000_000]));
              connection.flush();
            });
    Await.until("both echoes", () -> heard.size() == 2);
    assertThat(heard).containsExactly(5, 1_000_000);
    connection.loop().execute(() -> connection.close(1000, "done"));
    Await.until("closed", () -> ending.get() != null);
    assertThat(ending).hasValue("1000 done");
    awaitGone();
    assertThat(server.count(NetMetric.CLOSE_TIMEOUTS)).isZero();
  }
}
