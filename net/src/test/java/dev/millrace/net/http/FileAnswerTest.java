package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.net.NetMetric;
import dev.millrace.net.TestServer;
import dev.millrace.net.tls.Tls;
import dev.millrace.net.tls.TlsSpec;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class FileAnswerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final TestServer server = new TestServer();
  @TempDir Path folder;

  FileAnswerTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(Files.createTempFile(folder, "answer", ".bin"), content);
  }

  /// A file of zeroes that takes no room.
  private Path large(long bytes) throws IOException {
    var file = Files.createTempFile(folder, "large", ".bin");
    try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      out.write(java.nio.ByteBuffer.wrap(new byte[1]), bytes - 1);
    }
    return file;
  }

  private void answerWith(Path file) {
    server.answers =
        exchange ->
            exchange.respond(
                exchange.head().path().equals("/")
                    ? Response.temporaryFile("application/octet-stream", file)
                    : Response.text(200, "ok"));
  }

  private static byte[] random(int bytes) {
    var content = new byte[bytes];
    new Random(7).nextBytes(content);
    return content;
  }

  private void awaitGone(Path file) {
    Await.until("the file is deleted", () -> !Files.exists(file));
    Await.until("none is on its way", () -> server.loops.files().onTheirWay() == 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 262_143, 262_144, 262_145, 3_000_000})
  void sendsTheFileDeletesItAndGoesOnWithTheNextRequest(int bytes) throws IOException {
    var content = random(bytes);
    var file = file(content);
    answerWith(file);
    try (var peer = server.connect()) {
      peer.send(GET + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("Content-Type: application/octet-stream\r\n")
          .contains("Content-Length: " + bytes + "\r\n");
      assertThat(Arrays.equals(peer.bytes(bytes), content)).isTrue();
      assertThat(peer.answer()).endsWith("ok");
    }
    awaitGone(file);
    assertThat(server.count(NetMetric.FILE_ANSWERS, "sent")).isEqualTo(1);
  }

  @Test
  void headHasTheLengthAndNoBody() throws IOException {
    var file = file(random(1_000));
    answerWith(file);
    try (var peer = server.connect()) {
      peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.head()).contains("Content-Length: 1000\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 200 ").endsWith("ok");
    }
    awaitGone(file);
  }

  @Test
  void closesAfterTheFileWhereThatIsAsked() throws IOException {
    var file = file(random(500_000));
    answerWith(file);
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(peer.head()).contains("Connection: close\r\n");
      assertThat(peer.rest()).hasSize(500_000);
    }
    awaitGone(file);
  }

  @Test
  void aLargeFileIsNeverInMemory() throws IOException {
    var file = large(200L << 20);
    answerWith(file);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
      long left = 200L << 20;
      while (left > 0) {
        left -= peer.bytes((int) Math.min(1 << 20, left)).length;
        long more = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before;
        assertThat(more).as("pooled bytes").isLessThan(32L << 20);
      }
    }
    awaitGone(file);
  }

  @Test
  void aClientThatLeavesTakesTheFileWithIt() throws IOException {
    var file = large(200L << 20);
    answerWith(file);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
    }
    awaitGone(file);
    assertThat(server.count(NetMetric.FILE_ANSWERS, "abandoned")).isEqualTo(1);
  }

  @Test
  void aClientThatTakesNothingIsCutAndASlowOneIsNot() throws IOException {
    var file = large(64L << 20);
    answerWith(file);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      // Far longer than the write timeout, but never that long without taking anything.
      for (int step = 0; step < 200; step++) {
        assertThat(peer.bytes(128 << 10)).hasSize(128 << 10);
        server.clock.advance(java.time.Duration.ofSeconds(1));
      }
      assertThat(server.loops.openConnections()).isEqualTo(1);
      server.passTimeUntil("it is cut", () -> server.loops.openConnections() == 0);
    }
    awaitGone(file);
  }

  @Test
  void onlySoManyFilesAreOnTheirWayAtATime() throws IOException {
    server.loops.apply(TestServer.spec("max_file_answers: 1\n"));
    var file = large(64L << 20);
    answerWith(file);
    try (var first = server.connect();
        var second = server.connect()) {
      first.send(GET);
      first.head();
      var other = file(random(10));
      answerWith(other);
      second.send(GET);
      assertThat(second.answer()).startsWith("HTTP/1.1 503 ").contains("too many files");
      Await.until("the refused file is deleted", () -> !Files.exists(other));
      assertThat(server.count(NetMetric.FILE_ANSWERS, "refused")).isEqualTo(1);
      first.bytes(64 << 20);
      Await.until("the first is done", () -> server.loops.files().onTheirWay() == 0);
      answerWith(file(random(10)));
      second.send(GET);
      assertThat(second.head()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aFileThatIsNotThereIsAnErrorAndOneThatShrinksEndsTheConnection() throws IOException {
    answerWith(folder.resolve("missing"));
    try (var peer = server.connect()) {
      peer.send(GET);
      assertThat(peer.answer()).startsWith("HTTP/1.1 500 ").doesNotContain("missing");
      var shrinking = large(64L << 20);
      answerWith(shrinking);
      peer.send(GET);
      peer.head();
      try (var channel = FileChannel.open(shrinking, StandardOpenOption.WRITE)) {
        channel.truncate(1 << 20);
      }
      assertThat(peer.rest().length).isLessThan(64 << 20);
    }
    assertThat(server.count(NetMetric.FILE_ANSWERS, "failed")).isEqualTo(2);
  }

  @Test
  void aHeaderThatWouldSplitIsRefusedHereToo() throws IOException {
    var file = file(random(10));
    server.answers =
        exchange ->
            exchange.respond(
                Response.temporaryFile("text/plain", file).withHeader("X-A", "b\r\nX-Evil: 1"));
    try (var peer = server.connect()) {
      peer.send(GET);
      assertThat(peer.answer()).startsWith("HTTP/1.1 500 ").doesNotContain("Evil");
    }
    awaitGone(file);
  }

  @Test
  void anAnswerForAClientThatHasLeftIsDeletedToo() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    server.answers = late::add;
    try (var peer = server.connect()) {
      peer.send(GET);
      Await.until("the request is there", () -> !late.isEmpty());
    }
    var file = large(64L << 20);
    late.remove().respond(Response.temporaryFile("text/plain", file));
    awaitGone(file);
  }

  @Test
  void stoppingDeletesWhatIsOnItsWayAndWhatComesAfter() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    var file = large(64L << 20);
    server.answers =
        exchange -> {
          late.add(exchange);
          if (late.size() == 1) {
            exchange.respond(Response.temporaryFile("text/plain", file));
          }
        };
    try (var first = server.connect();
        var second = server.connect()) {
      first.send(GET);
      first.head();
      second.send(GET);
      Await.until("both are there", () -> late.size() == 2);
      server.close();
      assertThat(file).doesNotExist();
      var after = file(random(10));
      late.stream()
          .skip(1)
          .forEach(exchange -> exchange.respond(Response.temporaryFile("text/plain", after)));
      assertThat(after).doesNotExist();
    }
  }

  @Test
  void worksOverTls() throws Exception {
    var certified = TestCertificates.localhost();
    var spec = new TlsSpec(certified.certFile().toString(), certified.keyFile().toString());
    var content = random(3_000_000);
    try (var secure = new TestServer(Tls.load(spec, folder, Location.of("test")))) {
      var file = file(content);
      secure.answers = exchange -> exchange.respond(Response.temporaryFile("text/plain", file));
      try (var peer = secure.connect(certified)) {
        peer.send(GET);
        peer.head();
        assertThat(Arrays.equals(peer.bytes(content.length), content)).isTrue();
      }
      Await.until("the file is deleted", () -> !Files.exists(file));
    }
  }
}
