package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.FakeClock;
import dev.millrace.net.EchoListener;
import dev.millrace.net.EventLoops;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import dev.millrace.net.NetSpec;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole connections of broken input through the whole pipeline, without a socket: whatever comes,
/// no exception leaves the pipeline, everything is given back, and the connection has answered,
/// waits, or is closed.
@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class HttpFuzzTest {
  private static final NetSpec SPEC =
      TestServer.spec("max_request_head: 1KiB\nmax_request_body: 2KiB\nmax_message: 1KiB\n");
  private static final FakeClock CLOCK = new FakeClock();
  private static final EventLoops LOOPS = new EventLoops(SPEC, CLOCK, new Metrics());

  private static final List<String> SOUND =
      List.of(
          "GET /a%20b?x=1&y HTTP/1.1\r\nHost: x\r\nCookie: a=b; c=\"d\"\r\n\r\n",
          "POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde",
          "POST /d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
          "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
          "HEAD /file HTTP/1.1\r\nHost: x\r\nX-Long: " + "z".repeat(300) + "\r\n\r\n",
          "GET /throw HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /late HTTP/1.1\r\nHost: x\r\n\r\n",
          "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "GET http://x/abs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  private static final String UPGRADE =
      "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
          + RawPeer.KEY
          + "\r\n\r\n";

  @AfterAll
  static void stop() {
    LOOPS.close();
  }

  /// Answers at once, late, never, or by throwing.
  private static final class Service implements HttpService {
    final List<HttpExchange> late = new ArrayList<>();

    @Override
    public void serve(HttpExchange exchange) {
      switch (exchange.head().path()) {
        case "/throw" -> throw new IllegalStateException("on purpose");
        case "/late" -> late.add(exchange);
        default -> exchange.respond(Response.text(200, "ok " + exchange.body().length));
      }
    }

    void answerLate() {
      var due = List.copyOf(late);
      late.clear(); // an answer may bring the next request
      due.forEach(exchange -> exchange.respond(Response.text(200, "late")));
    }

    @Override
    public Upgrade upgrade(RequestHead request) {
      return new Upgrade.Accept(EchoListener::new, WebSocketLimits.of(SPEC));
    }
  }

  /// One connection from its first bytes to its end.
  private static void run(byte[] input, Random cuts) {
    var metrics = new Metrics();
    var channel = new EmbeddedChannel();
    var loop = Loop.over(channel.eventLoop(), CLOCK, metrics);
    var service = new Service();
    var connection = new HttpConnection(LOOPS, service, loop, channel);
    connection.begin();
    int at = 0;
    while (at < input.length && channel.isOpen()) {
      int bytes = Math.min(input.length - at, 1 + cuts.nextInt(cuts.nextInt(4) == 0 ? 4 : 400));
      var read = loop.allocator().directBuffer(bytes).writeBytes(input, at, bytes);
      at += bytes;
      channel.writeInbound(read);
      if (cuts.nextInt(3) == 0) {
        service.answerLate();
        channel.runPendingTasks();
      }
    }
    if (cuts.nextBoolean()) {
      service.answerLate();
    }
    channel.runPendingTasks();
    channel.checkException();
    int out = written(channel);
    boolean answered = out > 0;
    boolean waits = loop.deadlines().size() > 0 || !service.late.isEmpty();
    assertThat(answered || waits || !channel.isOpen()).as("answer, wait or close").isTrue();
    assertThat(metrics.count(NetMetric.CALLBACK_FAILURES))
        .isLessThanOrEqualTo(count(input, "throw"));
    var _ = channel.close();
    channel.runPendingTasks();
    service.answerLate(); // the client has left
    channel.checkException();
    written(channel);
    assertThat(loop.incompleteInput().usedBytes()).as("incomplete input").isZero();
    assertThat(loop.deadlines().size()).as("deadlines of a closed connection").isZero();
    assertThat(channel.<Object>readInbound()).as("what fell out of the pipeline").isNull();
  }

  private static int count(byte[] input, String word) {
    return new String(input, StandardCharsets.ISO_8859_1).split(word, -1).length - 1;
  }

  private static int written(EmbeddedChannel channel) {
    int bytes = 0;
    for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      var buffer = (ByteBuf) out;
      bytes += buffer.readableBytes();
      buffer.release();
    }
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void survivesThousandsOfMutatedConnections(long seed) {
    var random = new Random(seed);
    long before = buffers();
    for (int round = 0; round < 1_000; round++) {
      var input = mutated(pipelined(random), random);
      try {
        run(input, random);
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed %s round %s: %s"
                .formatted(seed, round, new String(input, StandardCharsets.ISO_8859_1)),
            failure);
      }
    }
    assertThat(buffers()).as("buffers that nobody gave back, seed %s", seed).isEqualTo(before);
  }

  /// Pooled buffers that are in use; no other thread uses any meanwhile.
  private static long buffers() {
    PooledByteBufAllocator.DEFAULT.trimCurrentThreadCache();
    var metric = PooledByteBufAllocator.DEFAULT.metric();
    return Stream.concat(metric.directArenas().stream(), metric.heapArenas().stream())
        .mapToLong(PoolArenaMetric::numActiveAllocations)
        .sum();
  }

  @Test
  void answersEveryRequestOfASoundConnectionHoweverItIsCut() {
    var random = new Random(5);
    var all = new StringBuilder();
    SOUND.stream().filter(request -> !request.contains("100-continue")).forEach(all::append);
    for (int round = 0; round < 300; round++) {
      run(all.toString().getBytes(StandardCharsets.ISO_8859_1), random);
    }
  }

  /// Requests one behind the other, perhaps a WebSocket with frames behind them.
  private static byte[] pipelined(Random random) {
    var all = new java.io.ByteArrayOutputStream();
    for (int requests = random.nextInt(6); requests > 0; requests--) {
      all.writeBytes(bytes(SOUND.get(random.nextInt(SOUND.size()))));
    }
    if (random.nextInt(3) == 0) {
      all.writeBytes(bytes(UPGRADE));
      for (int frames = random.nextInt(5); frames > 0; frames--) {
        int first = new int[] {0x81, 0x82, 0x01, 0x80, 0x89, 0x88}[random.nextInt(6)];
        all.writeBytes(RawPeer.masked(first, new byte[random.nextInt(200)]));
      }
    }
    return all.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] mutated(byte[] sound, Random random) {
    var bytes = new ArrayList<Byte>(sound.length);
    for (byte one : sound) {
      bytes.add(one);
    }
    for (int changes = random.nextInt(5); changes > 0 && !bytes.isEmpty(); changes--) {
      int at = random.nextInt(bytes.size());
      switch (random.nextInt(5)) {
        case 0 -> bytes.set(at, (byte) random.nextInt());
        case 1 -> bytes.remove(at);
        case 2 -> bytes.add(at, (byte) "\r\n :%;,0\t\u0000".charAt(random.nextInt(10)));
        case 3 -> bytes.subList(at, Math.min(bytes.size(), at + random.nextInt(40))).clear();
        default ->
            bytes.addAll(
                at,
                List.copyOf(bytes.subList(at, Math.min(bytes.size(), at + random.nextInt(300)))));
      }
    }
    var out = new byte[bytes.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = bytes.get(i);
    }
    return out;
  }

  @FuzzTest
  void survivesAnyBytes(byte[] input) {
    long before = buffers();
    run(input, new Random(input.length));
    assertThat(buffers()).isEqualTo(before);
  }
}
