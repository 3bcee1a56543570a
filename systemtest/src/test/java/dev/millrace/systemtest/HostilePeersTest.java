package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Peers that mean harm, or behave as if they did, on the real process. After each of them it holds
/// no more than before, and whoever behaved has missed nothing.
class HostilePeersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long MOST_GROWTH = 24L << 20;
  private static final long DROP_NANOS = 100_000_000;
  private static final String SOCKET = "/wse?compression=false";
  private static final String PING = "{\"t\":\"ping\",\"p\":{\"timestamp\":1}}";

  private static final String CONFIG =
      """
      server:
        port: 0
        header_timeout: 2s
        close_timeout: 1s
        max_arriving_per_address: 1100
        max_message: 4MiB
        max_incomplete_input: 32MiB
      hub:
        memory: 64MiB
        max_lag: 8MB
        rate_limit: { capacity: 5000, refill_rate: 1000 }
      """;

  private static MillraceProcess process;
  private static URI address;
  private static Topics topics;

  @TempDir private static Path folder;

  private Innocents innocents;
  private long heapBefore;

  @BeforeAll
  static void startServer() {
    var config = Graphs.write(folder.resolve("millrace.yaml"), CONFIG);
    process = MillraceProcess.start(folder, "run", config.toString());
    address = process.awaitReady();
    topics = new Topics(address);
  }

  @AfterAll
  static void stopServer() {
    process.close();
  }

  @BeforeEach
  void begin() {
    heapBefore = heap();
    innocents = new Innocents(address, "steady");
  }

  @AfterEach
  void nothingIsMissingAndNothingIsLeft() throws InterruptedException {
    try {
      innocents.assertThatNothingIsMissing();
    } finally {
      innocents.close();
    }
    awaitValue("millrace_net_connections_arriving", 0);
    awaitValue("millrace_hub_sessions", 0);
    assertThat(heap() - heapBefore).as("bytes that stay").isLessThan(MOST_GROWTH);
    assertThat(process.isAlive()).isTrue();
    assertThat(process.err()).doesNotContain("\"level\":\"error\"", "OutOfMemory");
  }

  @Test
  void headsThatComeByteByByteOrNeverEndAreCut() throws Exception {
    double before = value("millrace_net_http_rejected_total{reason=\"too_slow\"}");
    var peers = new ArrayList<RawSocket>();
    for (int i = 0; i < 60; i++) {
      peers.add(RawSocket.connect(address));
    }
    inParallel(
        peers,
        peer -> {
          try (peer) {
            drip(peer, "GET " + SOCKET + " HTTP/1.1\r\nHost: x\r\nX-Endless: " + "x".repeat(999));
            assertThat(peer.head()).startsWith("HTTP/1.1 408 ");
          }
        });
    assertThat(value("millrace_net_http_rejected_total{reason=\"too_slow\"}") - before)
        .isGreaterThanOrEqualTo(60);
    try (var endless = RawSocket.connect(address)) {
      endless.send("GET / HTTP/1.1\r\nHost: x\r\n" + "X-A: aaaaaaaaaa\r\n".repeat(8_000));
      assertThat(endless.head()).startsWith("HTTP/1.1 431 ");
    }
  }

  @Test
  void aThousandSocketsThatSayNothingKeepNobodyOut() throws Exception {
    var silent = new ArrayList<RawSocket>();
    var refused = new ArrayList<RawSocket>();
    for (int i = 0; i < 1_000; i++) {
      silent.add(RawSocket.connect(address));
    }
    awaitValue("millrace_net_connections_arriving", 1_000);
    assertThat(heap() - heapBefore).as("what they cost").isLessThan(MOST_GROWTH);
    try (var late = RawSocket.webSocket(address, SOCKET)) {
      assertThat(late.next()).contains("server_ready");
    }
    for (int i = 0; i < 400; i++) {
      refused.add(RawSocket.connect(address));
    }
    assertThat(refused.getLast().isAtEnd()).as("one too many").isTrue();
    assertThat(
            value(
                "millrace_net_connections_refused_total"
                    + "{reason=\"arriving_over_limit_of_address\"}"))
        .isPositive();
    for (var peer : silent) {
      assertThat(peer.isAtEnd()).isTrue();
      peer.close();
    }
    for (var peer : refused) {
      peer.close();
    }
  }

  @Test
  void stormsOfPingsAndTinyMessagesAreBoundedAndOnlyTheirSenderFeelsThem() throws Exception {
    try (var pings = RawSocket.reluctant(address, SOCKET);
        var tiny = RawSocket.webSocket(address, SOCKET)) {
      var ping = repeated(RawSocket.masked(RawSocket.PING, new byte[125]), 1_000);
      var message = repeated(RawSocket.masked(RawSocket.TEXT, bytes("{\"t\":\"x\"}")), 1_000);
      for (int i = 0; i < 100; i++) {
        pings.send(ping); // nobody reads the pongs
        tiny.send(message);
      }
      tiny.text(PING);
      assertThat(tiny.awaitFrame("\"PONG\"")).contains("\"client_timestamp\":1");
    }
    assertThat(value("millrace_gateway_wse_dropped_messages_total{reason=\"rate_limit\"}"))
        .isGreaterThan(50_000);
  }

  @Test
  void messagesThatAreNeverFinishedShareOneBudget() throws Exception {
    var peers = new ArrayList<RawSocket>();
    for (int i = 0; i < 12; i++) {
      peers.add(RawSocket.webSocket(address, SOCKET));
    }
    var fragment = RawSocket.masked(RawSocket.UNFINISHED_TEXT, new byte[3 << 20]);
    for (var peer : peers) {
      try {
        peer.send(fragment);
      } catch (SocketException refused) {
        assertThat(refused).hasMessageFindingMatch("reset|Broken pipe");
      }
    }
    Await.until(
        PATIENCE,
        () -> value("millrace_net_websocket_protocol_errors_total{reason=\"input_memory\"}") > 0,
        () -> "the budget holds everything\n" + Http.get(address, "/metrics").body());
    try (var other = RawSocket.webSocket(address, SOCKET)) {
      assertThat(other.text(PING).awaitFrame("\"PONG\"")).isNotEmpty();
    }
    for (var peer : peers) {
      peer.crash();
    }
    try (var whole = RawSocket.webSocket(address, SOCKET)) {
      whole.frame(RawSocket.TEXT, bytes("{\"t\":\"" + "x".repeat(2 << 20) + "\"}"));
      assertThat(whole.awaitFrame("MESSAGE_TOO_LARGE")).contains("1048576");
    }
  }

  @Test
  void oversizedMessagesAreRefusedByTheirHeaderAndLargeOnesAnswered() throws Exception {
    try (var peer = RawSocket.webSocket(address, SOCKET)) {
      peer.send(RawSocket.header(RawSocket.BINARY, 5L << 20));
      assertThat(peer.closeCode()).isEqualTo(1009);
    }
    try (var peer = RawSocket.webSocket(address, SOCKET)) {
      peer.send(RawSocket.header(RawSocket.BINARY, Long.MAX_VALUE));
      assertThat(peer.closeCode()).isEqualTo(1009);
    }
    try (var peer = RawSocket.webSocket(address, SOCKET)) {
      peer.frame(RawSocket.TEXT, bytes("{\"t\":\"" + "x".repeat(1 << 20) + "\"}"));
      assertThat(peer.awaitFrame("MESSAGE_TOO_LARGE")).contains("\"max_size\":1048576");
      assertThat(peer.text(PING).awaitFrame("\"PONG\"")).isNotEmpty();
    }
  }

  @Test
  void depthsAndBombsCostTheirSenderTheMessage() throws Exception {
    var deep = "[".repeat(100_000);
    var deepObject = "{\"t\":\"x\",\"p\":" + "{\"a\":".repeat(100_000);
    try (var peer = RawSocket.webSocket(address, SOCKET);
        var publisher = RawSocket.webSocket(address, "/ws/publish/deep?type=x")) {
      peer.text(deep).text(deepObject).text("{\"t\":\"x\",\"p\":" + deep);
      var bomb = bomb(200 << 20);
      for (int i = 0; i < 3; i++) {
        peer.frame(RawSocket.BINARY, bomb);
      }
      assertThat(peer.text(PING).awaitFrame("\"PONG\"")).isNotEmpty();
      assertThat(publisher.text(deepObject).awaitFrame("error")).contains("INVALID_MESSAGE");
    }
    for (var body : List.of(deep, deepObject)) {
      assertThat(Http.post(address, "/api/v1/topics/deep", body).status()).isEqualTo(400);
    }
  }

  @Test
  void whoBreaksTheProtocolIsToldHowAndCut() throws Exception {
    var broken = new byte[] {(byte) 0xc3, 0x28};
    assertThat(closeCode(RawSocket.masked(RawSocket.TEXT, broken))).isEqualTo(1007);
    assertThat(closeCode(new byte[] {(byte) RawSocket.TEXT, 2, 'h', 'i'})).isEqualTo(1002);
    assertThat(closeCode(RawSocket.masked(RawSocket.TEXT | 0x40, bytes("hi")))).isEqualTo(1002);
    assertThat(closeCode(RawSocket.masked(0x83, bytes("hi")))).isEqualTo(1002);
    assertThat(closeCode(RawSocket.masked(0x80, bytes("nothing begun")))).isEqualTo(1002);
    assertThat(closeCode(RawSocket.masked(0x09, bytes("half a ping")))).isEqualTo(1002);
    assertThat(closeCode(RawSocket.masked(RawSocket.PING, new byte[126]))).isEqualTo(1002);
    assertThat(closeCode(RawSocket.masked(0x88, new byte[] {1}))).isEqualTo(1002);
  }

  @Test
  void connectionsThatBreakInTheMiddleOfAFrameLeaveNothingBehind() throws Exception {
    var half = RawSocket.masked(RawSocket.TEXT, new byte[60_000]);
    inParallel(
        java.util.Collections.nCopies(300, half),
        frame -> {
          var peer = RawSocket.webSocket(address, SOCKET + "&topics=broken");
          peer.send(java.util.Arrays.copyOf(frame, frame.length / 2));
          peer.crash();
        });
    topics.awaitSubscribers("broken", 0);
  }

  @Test
  void aThousandClientsThatComeBackAtOnceAreAllServed() throws Exception {
    var peers = java.util.Collections.synchronizedList(new ArrayList<RawSocket>());
    for (int round = 0; round < 2; round++) {
      inParallel(
          java.util.Collections.nCopies(1_000, SOCKET + "&topics=crowd"),
          path -> {
            var peer = RawSocket.webSocket(address, path);
            peers.add(peer);
            peer.awaitFrame("subscription_update");
          });
      topics.awaitSubscribers("crowd", 1_000);
      if (round == 0) {
        for (var peer : peers) {
          peer.crash();
        }
        peers.clear();
      }
    }
    topics.publish("crowd", "all", "1");
    inParallel(List.copyOf(peers), peer -> peer.awaitFrame("\"all\""));
    for (var peer : peers) {
      peer.close();
    }
    topics.awaitSubscribers("crowd", 0);
  }

  @Test
  void whoReadsTooSlowlyIsClosedAndTheOthersGetEverything() throws Exception {
    double before = value("millrace_hub_closed_sessions_total{reason=\"lag\"}");
    var text = "x".repeat(900);
    int batches = 200;
    try (var slow = RawSocket.reluctant(address, SOCKET + "&topics=flood");
        var quick = WebSocketClient.connect(address, SOCKET + "&topics=flood")) {
      topics.awaitSubscribers("flood", 2);
      for (int batch = 0; batch < batches; batch++) {
        var body = new StringBuilder("[");
        for (int i = 0; i < 100; i++) {
          body.append(i == 0 ? "" : ",")
              .append("{\"type\":\"flood\",\"priority\":\"high\",\"payload\":{\"n\":")
              .append(batch * 100 + i)
              .append(",\"x\":\"")
              .append(text)
              .append("\"}}");
        }
        topics.publish("flood", body.append("]").toString());
        slow.take(1_000); // of a hundred thousand
      }
      quick.await("the last", received -> quick.received("flood").size() == batches * 100);
      slow.awaitEnd();
    }
    assertThat(value("millrace_hub_closed_sessions_total{reason=\"lag\"}")).isEqualTo(before + 1);
  }

  private interface Deed<T> {
    void on(T subject) throws Exception;
  }

  private static <T> void inParallel(List<T> subjects, Deed<T> deed)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var done = new ArrayList<Future<?>>();
      for (var subject : subjects) {
        done.add(
            threads.submit(
                () -> {
                  deed.on(subject);
                  return null;
                }));
      }
      for (var one : done) {
        one.get();
      }
    }
  }

  /// A byte every tenth of a second, until the peer has enough of it.
  private static void drip(RawSocket peer, String text) throws IOException {
    for (byte one : bytes(text)) {
      if (peer.hasSomething()) {
        return;
      }
      peer.send(one);
      LockSupport.parkNanos(DROP_NANOS);
    }
  }

  private static int closeCode(byte[] frame) throws IOException {
    try (var peer = RawSocket.webSocket(address, SOCKET)) {
      return peer.send(frame).closeCode();
    }
  }

  /// A message whose compressed form is small and whose content is not. Source: RFC 1950.
  private static byte[] bomb(int bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    out.writeBytes(bytes("C:"));
    var level = new Deflater(Deflater.BEST_SPEED);
    try (var deflated = new DeflaterOutputStream(out, level, 64 << 10)) {
      var blanks = new byte[64 << 10];
      java.util.Arrays.fill(blanks, (byte) ' ');
      for (int done = 0; done < bytes; done += blanks.length) {
        deflated.write(blanks);
      }
    } finally {
      level.end();
    }
    return out.toByteArray();
  }

  private static byte[] repeated(byte[] one, int times) {
    var out = new ByteArrayOutputStream(one.length * times);
    for (int i = 0; i < times; i++) {
      out.writeBytes(one);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static double value(String series) {
    return Exposition.of(address).value(series);
  }

  private static void awaitValue(String series, double value) {
    Await.until(
        PATIENCE, () -> value(series) == value, () -> series + " stays at " + value(series));
  }

  private static long heap() {
    return Vitals.of(process.pid()).heapBytes();
  }
}
