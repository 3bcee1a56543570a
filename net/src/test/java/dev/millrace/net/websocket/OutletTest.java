package dev.millrace.net.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.net.TestServer;
import dev.millrace.testkit.Await;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutletTest {
  private static final int FRAMES = 400;

  private final TestServer server = new TestServer();
  private final List<ByteBuf> written = new CopyOnWriteArrayList<>();

  OutletTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void framesKeepTheirOrderHoweverOftenThePeerJams() throws IOException {
    long seed = new Random().nextLong();
    server.sockets = connection -> (text, payload) -> flood(connection, seed);
    try (var peer = server.webSocket()) {
      peer.text("go");
      var sizes = new Random(seed);
      for (int number = 0; number < FRAMES; number++) {
        var payload = peer.frame().payload();
        assertThat(payload).as("frame %d, seed %d", number, seed).hasSize(size(sizes));
        assertThat(new String(payload, 0, 8, UTF_8)).isEqualTo("%08d".formatted(number));
      }
      Await.until("all buffers are given back", this::allReleased);
    }
  }

  /// Each written alone, in pairs, or behind an unfinished write, as it comes.
  private void flood(WebSocketConnection connection, long seed) {
    var sizes = new Random(seed);
    var flushes = new Random(seed + 1);
    for (int number = 0; number < FRAMES; number++) {
      connection.write(frame(connection, number, size(sizes)));
      if (flushes.nextInt(3) > 0) {
        connection.flush();
      }
    }
  }

  private static int size(Random sizes) {
    return 8 + sizes.nextInt(1 << (4 + sizes.nextInt(13)));
  }

  private ByteBuf frame(WebSocketConnection connection, int number, int bytes) {
    var frame = connection.loop().allocator().directBuffer(bytes + Frames.MAX_HEADER);
    Frames.writeHeader(frame, false, bytes);
    frame.writeCharSequence("%08d".formatted(number), UTF_8);
    frame.writeZero(bytes - 8);
    written.add(frame);
    return frame;
  }

  private boolean allReleased() {
    return written.stream().allMatch(frame -> frame.refCnt() == 0);
  }

  @Test
  void whatIsWrittenAsTheConnectionOpensStandsBehindTheHandshakesAnswer() throws IOException {
    server.sockets =
        connection ->
            new WebSocketListener() {
              @Override
              public void opened() {
                connection.write(frame(connection, 7, 8));
                connection.flush();
              }

              @Override
              public void message(boolean text, ByteBuf payload) {}
            };
    try (var peer = server.webSocket()) {
      assertThat(peer.frame().text()).isEqualTo("00000007");
    }
  }

  @Test
  void whatWasNotFlushedIsGivenBackWhenThePeerLeaves() throws IOException {
    var closed = new AtomicInteger();
    server.sockets =
        connection ->
            new WebSocketListener() {
              @Override
              public void message(boolean text, ByteBuf payload) {
                connection
                    .loop()
                    .execute(() -> connection.write(frame(connection, written.size(), 100)));
              }

              @Override
              public void closed(int code, String reason) {
                closed.set(code);
              }
            };
    try (var peer = server.webSocket()) {
      peer.text("one");
      Await.until("it is written", () -> written.size() == 1);
    }
    Await.until("the end is told", () -> closed.get() == CloseCode.ABNORMAL);
    assertThat(written).allMatch(frame -> frame.refCnt() == 0);
  }

  @Test
  void aPeerThatResetsTheConnectionEndsItForTheWriter() throws IOException {
    var closed = new AtomicInteger();
    server.sockets =
        connection ->
            new WebSocketListener() {
              @Override
              public void message(boolean text, ByteBuf payload) {
                writeOn(connection);
              }

              @Override
              public void closed(int code, String reason) {
                closed.set(code);
              }
            };
    try (var peer = server.webSocket()) {
      peer.socket.setSoLinger(true, 0); // its close is a reset
      peer.text("go");
      peer.frame();
    }
    Await.until("the end is told", () -> closed.get() == CloseCode.ABNORMAL);
    Await.until("all buffers are given back", this::allReleased);
  }

  private void writeOn(WebSocketConnection connection) {
    if (connection.channel().isActive() && connection.unfinished() == 0) {
      connection.write(frame(connection, 1, 1_000));
      connection.flush();
      connection.loop().execute(() -> writeOn(connection));
    }
  }
}
