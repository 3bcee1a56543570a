package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.BodyStream;
import dev.millrace.core.route.Response;
import dev.millrace.net.NetMetric;
import dev.millrace.net.NetSpec;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.net.tls.Tls;
import dev.millrace.net.tls.TlsSpec;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
@Timeout(60)
class LiveAnswerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final TestServer server = new TestServer();

  LiveAnswerTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  /// What a test says, part by part; closed, it ends with a word.
  private static final class Said implements BodyStream {
    private static final byte[] END = new byte[0];
    final LinkedBlockingQueue<byte[]> parts = new LinkedBlockingQueue<>();
    final AtomicLong closes = new AtomicLong();
    private volatile boolean over;

    Said say(String... texts) {
      for (var text : texts) {
        parts.add(text.getBytes(StandardCharsets.UTF_8));
      }
      return this;
    }

    Said end() {
      parts.add(END);
      return this;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the one array that means the end
    public byte @Nullable [] next() throws InterruptedException {
      if (over) {
        return null;
      }
      var part = parts.take();
      if (part == END) {
        over = true;
        return closes.get() > 0 ? "closed".getBytes(StandardCharsets.UTF_8) : null;
      }
      return part;
    }

    @Override
    public void close() {
      closes.incrementAndGet();
      parts.add(END);
    }
  }

  /// As many bytes as anybody takes.
  private static final class Endless implements BodyStream {
    final AtomicLong asked = new AtomicLong();
    private volatile boolean closed;

    @Override
    public byte @Nullable [] next() {
      asked.incrementAndGet();
      return closed ? null : new byte[64 << 10];
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private void answerWith(BodyStream stream) {
    server.answers =
        exchange ->
            exchange.respond(
                exchange.head().path().equals("/")
                    ? Response.live("application/x-ndjson", stream)
                    : Response.text(200, "ok"));
  }

  /// The content of one chunk, empty for the last.
  private static String chunk(RawPeer peer) throws IOException {
    var bytes = peer.bytes(Integer.parseInt(line(peer), 16));
    assertThat(line(peer)).isEmpty();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String line(RawPeer peer) throws IOException {
    var line = new ByteArrayOutputStream();
    for (var one = peer.bytes(1); one.length == 1 && one[0] != '\n'; one = peer.bytes(1)) {
      line.write(one[0]);
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }

  private void awaitOutcome(String outcome) {
    Await.until("it is over", () -> server.count(NetMetric.LIVE_ANSWERS, outcome) == 1);
    Await.until("none is open", () -> server.loops.live().open() == 0);
  }

  @Test
  void eachPartIsSentWhenItIsThereAndTheConnectionGoesOnAfterTheLast() throws IOException {
    var said = new Said();
    answerWith(said);
    try (var peer = server.connect()) {
      peer.send(GET);
      assertThat(peer.head())
          .startsWith("HTTP/1.1 200 ")
          .contains("Transfer-Encoding: chunked\r\n", "Cache-Control: no-store\r\n")
          .contains("Connection: keep-alive\r\n")
          .doesNotContain("Content-Length");
      said.say("one\n");
      assertThat(chunk(peer)).isEqualTo("one\n");
      said.say("", "two\n").end();
      assertThat(chunk(peer)).as("an empty part is no chunk").isEqualTo("two\n");
      assertThat(chunk(peer)).isEmpty();
      peer.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("ok");
    }
    awaitOutcome("sent");
    assertThat(said.closes).hasPositiveValue();
  }

  @Test
  void whatWasAskedMeanwhileIsAnsweredAfterwards() throws IOException {
    var said = new Said().say("a", "b").end();
    answerWith(said);
    try (var peer = server.connect()) {
      peer.send(GET + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
      peer.head();
      assertThat(chunk(peer)).isEqualTo("a");
      assertThat(chunk(peer)).isEqualTo("b");
      assertThat(chunk(peer)).isEmpty();
      assertThat(peer.answer()).endsWith("ok");
    }
  }

  @Test
  void aClientOfHttp10GetsABodyThatEndsWithTheConnection() throws IOException {
    answerWith(new Said().say("one\n", "two\n").end());
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(peer.head())
          .contains("Connection: close\r\n")
          .doesNotContain("Transfer-Encoding", "Content-Length");
      assertThat(new String(peer.rest(), StandardCharsets.UTF_8)).isEqualTo("one\ntwo\n");
    }
    awaitOutcome("sent");
  }

  @Test
  void headHasTheHeadersOfAGetAndAsksForNothing() throws IOException {
    var endless = new Endless();
    answerWith(endless);
    try (var peer = server.connect()) {
      peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.head()).contains("Transfer-Encoding: chunked\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 200 ").endsWith("ok");
    }
    assertThat(endless.asked).hasValue(0);
    assertThat(endless.closed).isTrue();
    awaitOutcome("sent");
  }

  @Test
  void aClientThatLeavesWhileNothingIsSaidIsNoticedAtOnce() throws Exception {
    for (boolean epoll : new boolean[] {true, false}) {
      try (var other = new TestServer(NetSpec.DEFAULT, epoll)) {
        var said = new Said();
        other.answers = exchange -> exchange.respond(Response.live("text/plain", said));
        try (var peer = other.connect()) {
          peer.send(GET);
          peer.head();
          assertThat(other.loops.live().open()).isEqualTo(1);
        }
        Await.until("the stream is closed", () -> said.closes.get() > 0);
        Await.until("none is open", () -> other.loops.live().open() == 0);
        assertThat(other.count(NetMetric.LIVE_ANSWERS, "abandoned")).isEqualTo(1);
      }
    }
  }

  @Test
  void aClientThatLeavesInTheMiddleClosesTheStream() throws IOException {
    var endless = new Endless();
    answerWith(endless);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      peer.bytes(1 << 20);
    }
    awaitOutcome("abandoned");
    Await.until("the stream is closed", () -> endless.closed);
  }

  @Test
  void aClientThatStopsReadingCostsOnePartAndIsCutAndASlowOneIsNot() throws IOException {
    var endless = new Endless();
    answerWith(endless);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      // Far longer than the write timeout, but never that long without taking anything.
      for (int step = 0; step < 200; step++) {
        assertThat(peer.bytes(128 << 10)).hasSize(128 << 10);
        server.clock.advance(Duration.ofSeconds(1));
      }
      var before = new AtomicLong();
      Await.until(
          "nothing more is asked for", () -> before.getAndSet(endless.asked.get()) > 0 && calm());
      assertThat(server.loops.openConnections()).isEqualTo(1);
      server.passTimeUntil("it is cut", () -> server.loops.openConnections() == 0);
      // What the kernel's buffers hold, and one part.
      assertThat(endless.asked.get()).isLessThan(400 + (32 << 20) / (64 << 10));
    }
    awaitOutcome("abandoned");
  }

  /// Lets the loop do what is due.
  private boolean calm() {
    var done = new java.util.concurrent.CompletableFuture<Boolean>();
    server.loops.loops().getFirst().execute(() -> done.complete(true));
    return done.join();
  }

  @Test
  void aStreamThatSaysNothingForLongIsNotCut() throws IOException {
    var said = new Said();
    answerWith(said);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      said.say("one");
      assertThat(chunk(peer)).isEqualTo("one");
      for (int i = 0; i < 300; i++) {
        server.clock.advance(Duration.ofSeconds(1));
        assertThat(calm()).isTrue();
      }
      said.say("two").end();
      assertThat(chunk(peer)).isEqualTo("two");
      assertThat(chunk(peer)).isEmpty();
    }
  }

  @Test
  void onlySoManyAreOpenAtATime() throws IOException {
    server.loops.apply(TestServer.spec("max_live_answers: 1\n"));
    var first = new Said();
    var second = new Said();
    answerWith(first);
    try (var one = server.connect();
        var other = server.connect()) {
      one.send(GET);
      one.head();
      answerWith(second);
      other.send(GET);
      assertThat(other.answer()).startsWith("HTTP/1.1 503 ").contains("too many answers");
      assertThat(second.closes).hasPositiveValue();
      first.end();
      assertThat(chunk(one)).isEmpty();
      answerWith(new Said().say("a").end());
      other.send(GET);
      assertThat(other.head()).startsWith("HTTP/1.1 200 ");
      assertThat(chunk(other)).isEqualTo("a");
    }
    assertThat(server.count(NetMetric.LIVE_ANSWERS, "refused")).isEqualTo(1);
  }

  @Test
  void aStreamThatFailsBreaksTheAnswerOffSoThatNobodyTakesItForWhole() throws IOException {
    server.answers =
        exchange ->
            exchange.respond(
                Response.live(
                    "text/plain",
                    new BodyStream() {
                      private int parts;

                      @Override
                      public byte[] next() throws IOException {
                        if (parts++ > 0) {
                          throw new IOException("no more to be had");
                        }
                        return new byte[] {'a'};
                      }

                      @Override
                      public void close() {}
                    }));
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      assertThat(new String(peer.rest(), StandardCharsets.UTF_8)).isEqualTo("1\r\na\r\n");
    }
    awaitOutcome("failed");
  }

  @Test
  void aStreamThatIsClosedByItsOwnerMaySayALastWord() throws IOException {
    var said = new Said();
    answerWith(said);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      said.close();
      assertThat(chunk(peer)).isEqualTo("closed");
      assertThat(chunk(peer)).isEmpty();
    }
    awaitOutcome("sent");
  }

  @Test
  void aHeaderThatWouldSplitIsRefusedHereToo() throws IOException {
    var said = new Said();
    server.answers =
        exchange ->
            exchange.respond(Response.live("text/plain", said).withHeader("X-A", "b\r\nX-Evil: 1"));
    try (var peer = server.connect()) {
      peer.send(GET);
      assertThat(peer.answer()).startsWith("HTTP/1.1 500 ").doesNotContain("Evil");
    }
    awaitOutcome("failed");
    assertThat(said.closes).hasPositiveValue();
  }

  @Test
  void anAnswerForAClientThatHasLeftAndOneAfterTheStopAreClosedToo() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    server.answers = late::add;
    try (var peer = server.connect();
        var other = server.connect()) {
      peer.send(GET);
      other.send(GET);
      Await.until("both requests are there", () -> late.size() == 2);
    }
    var said = new Said();
    late.remove().respond(Response.live("text/plain", said));
    Await.until("it is closed", () -> said.closes.get() > 0);
    server.close();
    var after = new Said();
    late.remove().respond(Response.live("text/plain", after));
    assertThat(after.closes).hasPositiveValue();
  }

  @Test
  void stoppingClosesWhatIsOpen() throws IOException {
    var said = new Said();
    answerWith(said);
    try (var peer = server.connect()) {
      peer.send(GET);
      peer.head();
      server.close();
      Await.until("it is closed", () -> said.closes.get() > 0);
    }
  }

  @Test
  void worksOverTlsAndNoticesThereTooThatTheClientLeaves(@TempDir Path folder) throws Exception {
    var certified = TestCertificates.localhost();
    var spec = new TlsSpec(certified.certFile().toString(), certified.keyFile().toString());
    try (var secure = new TestServer(Tls.load(spec, folder, Location.of("test")))) {
      var said = new Said();
      secure.answers = exchange -> exchange.respond(Response.live("text/plain", said));
      try (var peer = secure.connect(certified)) {
        peer.send(GET);
        peer.head();
        said.say("one");
        assertThat(chunk(peer)).isEqualTo("one");
      }
      Await.until("the stream is closed", () -> said.closes.get() > 0);
    }
  }
}
