package dev.millrace.net.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.net.EchoListener;
import dev.millrace.net.NetMetric;
import dev.millrace.net.NetSpec;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.testkit.Await;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketServerTest {
  private final TestServer server = new TestServer();

  WebSocketServerTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  /// Echoes, and writes down how each connection ended.
  private Queue<String> endings() {
    var endings = new ConcurrentLinkedQueue<String>();
    server.sockets =
        connection -> {
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
        };
    return endings;
  }

  @Test
  void answersTheHandshakeOfTheRfcAndDeclinesCompression() throws IOException {
    try (var peer = server.connect()) {
      peer.send(
          "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n"
              + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
              + "Sec-WebSocket-Key: "
              + RawPeer.KEY
              + "\r\n\r\n");
      assertThat(peer.head())
          .startsWith("HTTP/1.1 101 ")
          .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") // section 1.3
          .doesNotContain("Extensions")
          .doesNotContain("Sec-WebSocket-Protocol");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 128, 65_535, 65_536, 300_000, 4 << 20})
  void echoesMessagesOfEverySizeClass(int bytes) throws IOException {
    try (var peer = server.webSocket()) {
      var payload = "*".repeat(bytes).getBytes(UTF_8);
      peer.frame(0x81, payload).frame(0x82, payload);
      expect(peer.frame(), 0x81, payload);
      expect(peer.frame(), 0x82, payload);
    }
  }

  private static void expect(RawPeer.Frame frame, int first, byte[] payload) {
    assertThat(frame.first()).isEqualTo(first);
    assertThat(java.util.Arrays.equals(frame.payload(), payload)).isTrue();
  }

  @Test
  void takesFramesThatComeWithTheHandshake() throws IOException {
    try (var peer = server.connect()) {
      var request =
          "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
              + RawPeer.KEY
              + "\r\n\r\n";
      var all = new ByteArrayOutputStream();
      all.writeBytes(request.getBytes(UTF_8));
      all.writeBytes(RawPeer.masked(0x81, "early".getBytes(UTF_8)));
      peer.send(all.toByteArray());
      peer.head();
      assertThat(peer.frame().text()).isEqualTo("early");
    }
  }

  @Test
  void answersPingsBetweenFragmentsAndIgnoresPongs() throws IOException {
    try (var peer = server.webSocket()) {
      peer.frame(0x01, "a".getBytes(UTF_8)).frame(0x89, "p1".getBytes(UTF_8));
      expect(peer.frame(), 0x8a, "p1".getBytes(UTF_8));
      peer.frame(0x8a, "unasked".getBytes(UTF_8)).frame(0x80, "b".getBytes(UTF_8));
      assertThat(peer.frame().text()).isEqualTo("ab");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // payload of the peer's close, code of the answer (-1: none), what the listener hears
    "'', -1, '1005 '",
    "03e8, 1000, '1000 '",
    "03e8627965, 1000, '1000 bye'",
    "03e9, 1001, '1001 '",
    "03eb, 1003, '1003 '",
    "03ef, 1007, '1007 '",
    "03f6, 1014, '1014 '",
    "0bb8, 3000, '3000 '",
    "1387, 4999, '4999 '",
    "03, 1002, '1002 a close frame of one byte'",
    "0000, 1002, '1002 the close code must not be sent'",
    "03e7, 1002, '1002 the close code must not be sent'",
    "03ec, 1002, '1002 the close code must not be sent'",
    "03ed, 1002, '1002 the close code must not be sent'",
    "03ee, 1002, '1002 the close code must not be sent'",
    "03f7, 1002, '1002 the close code must not be sent'",
    "07d0, 1002, '1002 the close code must not be sent'",
    "1388, 1002, '1002 the close code must not be sent'",
    "ffff, 1002, '1002 the close code must not be sent'",
    "03e8ff, 1007, '1007 the close reason is not UTF-8'",
  })
  void answersEachCloseFrameOnceAndEndsTcp(String payload, int answer, String heard)
      throws IOException {
    var endings = endings();
    try (var peer = server.webSocket()) {
      peer.frame(0x88, java.util.HexFormat.of().parseHex(payload));
      peer.text("too late");
      var close = peer.frame();
      assertThat(close.first()).isEqualTo(0x88);
      assertThat(close.closeCode()).isEqualTo(answer);
      assertThat(peer.atEnd()).isTrue();
      Await.until("closed is told", () -> !endings.isEmpty());
      assertThat(endings).containsExactly(heard);
    }
    Await.until("the socket is gone", () -> server.loops.openConnections() == 0);
    assertThat(endings).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "c180, 1002",
    "8380, 1002",
    "0980, 1002",
    "8080, 1002",
    "8100, 1002",
    "89fe007e, 1002"
  })
  void failsBreachesWithTheirCodeAndLeavesOthersAlone(String header, int code) throws IOException {
    var endings = endings();
    try (var good = server.webSocket();
        var bad = server.webSocket()) {
      var bytes = new byte[header.length() / 2 + 4];
      System.arraycopy(java.util.HexFormat.of().parseHex(header), 0, bytes, 0, header.length() / 2);
      bad.send(bytes);
      assertThat(bad.frame().closeCode()).isEqualTo(code);
      assertThat(bad.rest()).isEmpty();
      good.text("still here");
      assertThat(good.frame().text()).isEqualTo("still here");
      assertThat(endings).hasSize(1);
    }
  }

  @Test
  void closesWith1007AtTheFirstImpossibleByteAndWith1009OverTheLimit() throws IOException {
    server.limits = limits -> limits.withMaxMessageBytes(1_000);
    try (var peer = server.webSocket()) {
      peer.frame(0x01, new byte[] {'a', (byte) 0xf4, (byte) 0x90});
      assertThat(peer.frame().closeCode()).isEqualTo(1007);
    }
    try (var peer = server.webSocket()) {
      peer.frame(0x82, new byte[1_001]);
      assertThat(peer.frame().closeCode()).isEqualTo(1009);
      assertThat(peer.atEnd()).isTrue();
    }
    assertThat(server.count(NetMetric.PROTOCOL_ERRORS, "message_too_big")).isEqualTo(1);
  }

  @Test
  void closingFirstWaitsForTheAnswerAndDropsWhatComesBefore() throws IOException {
    var messages = new AtomicInteger();
    var endings = new ConcurrentLinkedQueue<String>();
    server.sockets =
        connection ->
            new WebSocketListener() {
              @Override
              public void message(boolean text, ByteBuf payload) {
                messages.incrementAndGet();
                connection.close(4000, "Replaced by new connection");
                connection.close(1000, "the second close does nothing");
                connection.sendText("neither does this");
              }

              @Override
              public void closed(int code, String reason) {
                endings.add(code + " " + reason);
              }
            };
    try (var peer = server.webSocket()) {
      peer.text("one");
      assertThat(peer.frame().closeCode()).isEqualTo(4000);
      peer.text("two").frame(0x88, new byte[] {0x0f, (byte) 0xa0});
      assertThat(peer.atEnd()).isTrue();
    }
    Await.until("closed is told", () -> !endings.isEmpty());
    assertThat(endings).containsExactly("4000 Replaced by new connection");
    assertThat(messages).hasValue(1);
  }

  @Test
  void cutsAPeerThatDoesNotAnswerTheClose() throws IOException {
    var endings = endings();
    server.sockets = closing(server.sockets);
    try (var peer = server.webSocket()) {
      assertThat(peer.frame().closeCode()).isEqualTo(1012);
      server.passTimeUntil("closed is told", () -> !endings.isEmpty());
      assertThat(endings).containsExactly("1012 restart");
      assertThat(peer.atEnd()).isTrue();
    }
    assertThat(server.count(NetMetric.CLOSE_TIMEOUTS)).isEqualTo(1);
  }

  private static java.util.function.Function<WebSocketConnection, WebSocketListener> closing(
      java.util.function.Function<WebSocketConnection, WebSocketListener> listener) {
    return connection -> {
      var made = listener.apply(connection);
      connection.loop().execute(() -> connection.close(CloseCode.RESTART, "restart"));
      return made;
    };
  }

  @Test
  void tells1006WhenThePeerJustLeaves() throws IOException {
    var endings = endings();
    server.webSocket().close();
    Await.until("closed is told", () -> !endings.isEmpty());
    assertThat(endings).containsExactly("1006 ");
  }

  @Test
  void aListenerThatThrowsIsClosedWith1011AndCounted() throws IOException {
    server.sockets =
        connection ->
            (text, payload) -> {
              throw new IllegalStateException("on purpose");
            };
    try (var peer = server.webSocket()) {
      peer.text("x");
      assertThat(peer.frame().closeCode()).isEqualTo(1011);
    }
    assertThat(server.count(NetMetric.CALLBACK_FAILURES)).isEqualTo(1);
  }

  @Test
  void aPausedConnectionHoldsBackMessagesAlreadyRead() throws IOException {
    var heard = new ConcurrentLinkedQueue<String>();
    var paused = new AtomicReference<WebSocketConnection>();
    server.sockets =
        connection ->
            (text, payload) -> {
              connection.pauseReading();
              paused.set(connection);
              heard.add(payload.toString(UTF_8)); // last: the test goes on when it is here
            };
    try (var peer = server.webSocket()) {
      var batch = new ByteArrayOutputStream();
      for (var word : List.of("a", "b", "c")) {
        batch.writeBytes(RawPeer.masked(0x81, word.getBytes(UTF_8)));
      }
      peer.send(batch.toByteArray());
      peer.socket.shutdownOutput(); // what was sent before still counts
      for (int messages = 1; messages <= 3; messages++) {
        int wanted = messages;
        Await.until(wanted + " messages", () -> heard.size() == wanted);
        var connection = java.util.Objects.requireNonNull(paused.get());
        connection.loop().execute(connection::resumeReading);
      }
      assertThat(heard).containsExactly("a", "b", "c");
      assertThat(peer.atEnd()).isTrue();
    }
  }

  @Test
  void anUnfinishedWriteIsNoticedAndItsCompletionToldOnce() throws IOException {
    var writable = new AtomicInteger();
    var unfinished = new AtomicReference<Long>();
    int bytes = 8 << 20;
    server.sockets =
        connection ->
            new WebSocketListener() {
              @Override
              public void message(boolean text, ByteBuf payload) {
                var frame = connection.loop().allocator().buffer(bytes + 10);
                Frames.writeHeader(frame, false, bytes);
                frame.writeZero(bytes);
                connection.write(frame);
                connection.flush();
                unfinished.set(connection.unfinished());
              }

              @Override
              public void writable() {
                writable.incrementAndGet();
              }
            };
    try (var peer = server.webSocket()) {
      peer.text("go");
      Await.until("the write was tried", () -> unfinished.get() != null);
      assertThat(unfinished.get()).isPositive();
      assertThat(writable).hasValue(0);
      assertThat(peer.frame().payload()).hasSize(bytes);
      Await.until("completion is told", () -> writable.get() > 0);
      assertThat(writable).hasValue(1);
    }
  }

  @Test
  void aPeerThatPingsAndNeverReadsIsOwedOnlyTheLatestPong() throws IOException {
    server.sockets =
        connection ->
            (text, payload) -> {
              connection.sendBinary(connection.loop().allocator().buffer().writeZero(8 << 20));
              connection.flush();
            };
    try (var peer = server.webSocket()) {
      peer.text("jam");
      for (int i = 0; i < 1_000; i++) {
        peer.frame(0x89, Integer.toString(i).getBytes(UTF_8));
      }
      Await.until(
          "all pings are read",
          () -> {
            server.clock.advance(Duration.ofMillis(100));
            return server.count(NetMetric.BYTES_IN) > 8_000;
          });
      assertThat(peer.frame().payload()).hasSize(8 << 20);
      var pong = peer.frame();
      assertThat(pong.first()).isEqualTo(0x8a);
      assertThat(pong.text()).isEqualTo("999");
    }
  }

  @Test
  void silentPeersArePingedAndThenCut() throws IOException {
    var endings = endings();
    server.limits = limits -> limits.withPings(Duration.ofSeconds(30), Duration.ofSeconds(5));
    try (var peer = server.webSocket()) {
      server.passTimeUntil("a ping", () -> available(peer) > 0);
      assertThat(peer.frame().first()).isEqualTo(0x89);
      peer.frame(0x8a, new byte[0]);
      server.passTimeUntil("another ping", () -> available(peer) > 0);
      server.passTimeUntil("closed is told", () -> !endings.isEmpty());
      assertThat(endings).containsExactly("1006 ");
    }
  }

  private static int available(RawPeer peer) {
    try {
      return peer.available();
    } catch (IOException gone) {
      throw new java.io.UncheckedIOException(gone);
    }
  }

  @Test
  void theSameHoldsOnNio() throws Exception {
    try (var nio = new TestServer(NetSpec.DEFAULT, false);
        var peer = nio.webSocket()) {
      assertThat(nio.loops.transport()).isEqualTo("nio");
      peer.text("hello").frame(0x88, new byte[] {3, (byte) 0xe8});
      assertThat(peer.frame().text()).isEqualTo("hello");
      assertThat(peer.frame().closeCode()).isEqualTo(1000);
      assertThat(peer.atEnd()).isTrue();
    }
  }

  @Test
  void survivesThousandsOfMutatedStreamsWhileOthersGoOn() throws IOException {
    long seed = 31_337;
    var random = new java.util.Random(seed);
    try (var good = server.webSocket()) {
      for (int round = 0; round < 400; round++) {
        try (var bad = server.webSocket()) {
          var frames = new ByteArrayOutputStream();
          for (int i = 0; i < 5; i++) {
            frames.writeBytes(RawPeer.masked(random.nextInt(256), new byte[random.nextInt(300)]));
          }
          var bytes = frames.toByteArray();
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
          bad.send(bytes);
        }
        good.text("round " + round);
        assertThat(good.frame().text()).as("seed %s", seed).isEqualTo("round " + round);
      }
    }
    Await.until("all sockets are gone", () -> server.loops.openConnections() == 0);
    assertThat(server.loops.loops().getFirst().incompleteInput().usedBytes()).isZero();
  }
}
