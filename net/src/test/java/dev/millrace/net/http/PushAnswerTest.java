package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.testkit.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
@Timeout(60)
class PushAnswerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final TestServer server = new TestServer();

  PushAnswerTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  /// Tells the test what it is told.
  private static final class Pushed implements PushStream {
    final CompletableFuture<PushAnswer> out = new CompletableFuture<>();
    final AtomicInteger writable = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();

    @Override
    public void opened(PushAnswer answer) {
      out.complete(answer);
    }

    @Override
    public void writable() {
      writable.incrementAndGet();
    }

    @Override
    public void close() {
      closes.incrementAndGet();
    }

    PushAnswer answer() {
      return out.join();
    }
  }

  private Pushed answerWithPushed() {
    var pushed = new Pushed();
    server.answers =
        exchange ->
            exchange.respond(
                exchange.head().path().equals("/")
                    ? Response.live("text/event-stream", pushed)
                    : Response.text(200, "ok"));
    return pushed;
  }

  private static void onLoop(PushAnswer answer, Runnable work) {
    var done = new CompletableFuture<Void>();
    answer
        .loop()
        .execute(
            () -> {
              work.run();
              done.complete(null);
            });
    done.join();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void sharedChunksGoOutAsTheyAreAndTheConnectionGoesOnAfterTheEnd() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send(GET);
      assertThat(peer.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("Transfer-Encoding: chunked\r\n", "Cache-Control: no-store\r\n");
      var out = pushed.answer();
      assertThat(out.isChunked()).isTrue();
      var shared = bytes("3\r\nabc\r\n");
      onLoop(
          out,
          () -> {
            out.write(shared.retainedDuplicate());
            out.write(shared.retainedDuplicate());
            assertThat(out.flush()).isTrue();
          });
      assertThat(read(peer, 16)).isEqualTo("3\r\nabc\r\n3\r\nabc\r\n");
      assertThat(shared.release()).isTrue();
      onLoop(out, out::end);
      assertThat(read(peer, 5)).isEqualTo("0\r\n\r\n");
      onLoop(out, () -> out.write(bytes("late")));
      peer.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("ok");
    }
  }

  @Test
  void aClientOfTheOldProtocolGetsABodyThatEndsWithTheConnection() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
      assertThat(peer.head()).doesNotContain("Transfer-Encoding").contains("Connection: close");
      var out = pushed.answer();
      assertThat(out.isChunked()).isFalse();
      onLoop(
          out,
          () -> {
            out.write(bytes("bare"));
            assertThat(out.flush()).isTrue();
            out.end();
          });
      assertThat(peer.rest()).isEqualTo("bare".getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void whoeverDoesNotReadIsTurnedWritableWhenItReadsAgain() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      var out = pushed.answer();
      var big = new byte[16 << 20];
      Arrays.fill(big, (byte) 'x');
      onLoop(
          out,
          () -> {
            out.write(Unpooled.wrappedBuffer(big));
            assertThat(out.flush()).isFalse();
          });
      assertThat(pushed.writable).hasValue(0);
      assertThat(peer.bytes(big.length)).hasSize(big.length);
      Await.until("it is writable", () -> pushed.writable.get() == 1);
    }
  }

  @Test
  void whoeverReadsNothingIsCutAfterTheWriteTimeout() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      var out = pushed.answer();
      onLoop(
          out,
          () -> {
            out.write(Unpooled.wrappedBuffer(new byte[16 << 20]));
            assertThat(out.flush()).isFalse();
          });
      server.passTimeUntil("it is cut", () -> pushed.closes.get() > 0);
      assertThat(peer.rest().length).isLessThan(16 << 20);
    }
  }

  @Test
  void aClientThatLeavesIsNoticedAtOnce() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      pushed.answer();
    }
    Await.until("the stream is closed", () -> pushed.closes.get() == 1);
  }

  @Test
  void anAbortedAnswerHasNoEnd() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      onLoop(pushed.answer(), pushed.answer()::abort);
      assertThat(peer.rest()).isEmpty();
    }
  }

  @Test
  void askedForTheHeadAloneTheStreamIsClosedUnopened() throws IOException {
    var pushed = answerWithPushed();
    try (var peer = server.connect()) {
      peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.head()).startsWith("HTTP/1.1 200 ");
      Await.until("it is closed", () -> pushed.closes.get() == 1);
      assertThat(pushed.out).isNotDone();
      assertThat(pushed.next()).isNull();
      peer.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("ok");
    }
  }

  private static String read(RawPeer peer, int count) throws IOException {
    return new String(peer.bytes(count), StandardCharsets.US_ASCII);
  }
}
