package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.hub.MadeFrame;
import dev.millrace.hub.Message;
import dev.millrace.hub.Stamp;
import dev.millrace.testkit.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompressedFormTest {
  private static final long NOW = 1_772_355_600_123L;
  private static final WseEnvelope PLAIN = WseEnvelope.INSTANCE;

  private final CompressionThreads threads = new CompressionThreads(1, 1 << 20, 4 << 20);
  private final CompressedForm form = new CompressedForm(PLAIN, 6, 1_024, threads);
  private final Stamp stamp = new Stamp().set(1, 2, 3, 4);

  @AfterEach
  void close() {
    form.close();
    threads.close();
  }

  private static Message message(String text) {
    return Message.of("x", WireFrame.bytes("{\"a\":\"" + text + "\"}"), true, NOW);
  }

  private byte[] plain(Message message) {
    var out = Unpooled.buffer();
    PLAIN.encode(message, stamp, out);
    return WireFrame.payload(out);
  }

  private static byte[] inflated(byte[] payload) {
    try (var decompressor = new Decompressor(1 << 20)) {
      return ((Unframed.Text) decompressor.inflate(payload, 2, payload.length)).bytes();
    }
  }

  @Test
  void aLargeFrameIsCompressedAndASmallOneIsNot() {
    int small = 1_024 - plain(message("")).length;
    var out = Unpooled.buffer().writeByte(7);
    int timestampAt = form.encode(message("a".repeat(small)), stamp, out);
    assertThat(out.readByte()).isEqualTo((byte) 7);
    assertThat(out.toString(1 + timestampAt, Timestamps.LENGTH, StandardCharsets.US_ASCII))
        .isEqualTo(Timestamps.text(NOW));
    assertThat(WireFrame.payload(out)).hasSize(1_024).startsWith('U', '{');

    for (int length : new int[] {small + 1, 60_000, 70_000, 1_000_000}) {
      var message = message("a".repeat(length));
      var large = Unpooled.buffer().writeByte(7);
      assertThat(form.encode(message, stamp, large)).isEqualTo(-1);
      assertThat(large.readByte()).isEqualTo((byte) 7);
      assertThat(large.readableBytes()).isLessThan(form.sizeLimit(message));
      var payload = WireFrame.payload(large);
      assertThat(payload).startsWith('C', ':');
      assertThat(inflated(payload)).isEqualTo(plain(message));
    }
    assertThat(form.name()).isEqualTo("wse-zlib");
  }

  @Test
  void whatDoesNotBecomeSmallerStaysPlain() {
    var noise = new byte[3_000];
    new Random(1).nextBytes(noise);
    // Text has six bits in eight, so only the shortest possible alphabet defeats the compressor.
    var message = message(Base64.getEncoder().encodeToString(noise));
    var out = Unpooled.buffer();
    form.encode(message, stamp, out);
    assertThat(out.readableBytes()).isLessThanOrEqualTo(form.sizeLimit(message));
    var raw = new WireFrameForm(noise);
    try (var ofRaw = new CompressedForm(raw, 6, 1_024, threads)) {
      var same = Unpooled.buffer();
      assertThat(ofRaw.encode(message, stamp, same)).isEqualTo(5);
      assertThat(WireFrame.payload(same)).isEqualTo(noise);
    }
  }

  /// A form whose every frame is the same bytes.
  private record WireFrameForm(byte[] bytes) implements dev.millrace.hub.WireForm {
    @Override
    public String name() {
      return "raw";
    }

    @Override
    public int sizeLimit(Message message) {
      return bytes.length + 4;
    }

    @Override
    public int encode(Message message, Stamp stamp, ByteBuf out) {
      dev.millrace.net.websocket.Frames.writeHeader(out, false, bytes.length);
      out.writeBytes(bytes);
      return 5;
    }
  }

  @Test
  void aLongFrameIsCompressedElsewhereAndNeverWhereItIsAskedFor() throws Exception {
    try (var background = new CompressionThreads(2, 10_000, 1 << 20);
        var late = new CompressedForm(PLAIN, 6, 1_024, background)) {
      var stamped = late.stamped();
      assertThat(stamped.takesLong(message("a".repeat(9_990)))).isFalse();
      var message = message("a".repeat(200_000));
      assertThat(stamped.takesLong(message)).isTrue();
      var plain = Unpooled.buffer();
      assertThat(stamped.encode(message, stamp.in("t"), plain)).isPositive();
      assertThat(plain.readableBytes()).isEqualTo(stamped.sizeLimit(message, stamp));
      var made = new CompletableFuture<@Nullable MadeFrame>();
      assertThat(stamped.encodeElsewhere(message, stamp, made::complete)).isTrue();
      stamp.in("other").set(9, 9, 9, 9); // it has been read
      var frame = Objects.requireNonNull(made.get(10, TimeUnit.SECONDS));
      assertThat(frame.timestampAt()).isEqualTo(-1);
      assertThat(frame.saved() + frame.bytes().length).isEqualTo(plain.readableBytes());
      var payload = WireFrame.payload(Unpooled.wrappedBuffer(frame.bytes()));
      assertThat(payload).startsWith('C', ':');
      assertThat(inflated(payload)).isEqualTo(WireFrame.payload(plain));
    }
  }

  @Test
  void whatFindsNoRoomBesideTheLoopsIsNotTaken() {
    var gate = new CountDownLatch(1);
    var stuck = new CompressionThreads(1, 10_000, 300_000);
    try (var late = new CompressedForm(PLAIN, 6, 1_024, stuck)) {
      assertThat(stuck.run(100_000, () -> awaitQuietly(gate))).isTrue();
      Await.until("it is at work", () -> stuck.run(300_000, () -> {}));
      assertThat(late.encodeElsewhere(message("a".repeat(20_000)), stamp, made -> {})).isFalse();
      stuck.close();
      assertThat(late.encodeElsewhere(message("a".repeat(20_000)), stamp, made -> {})).isFalse();
    } finally {
      gate.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      assertThat(gate.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void severalLoopsMayEncodeAtATime() throws InterruptedException, ExecutionException {
    try (var loops = Executors.newFixedThreadPool(4)) {
      var results =
          IntStream.range(0, 4)
              .mapToObj(loop -> loops.submit(() -> encodeMany((char) ('a' + loop))))
              .toList();
      for (Future<Boolean> result : results) {
        assertThat(result.get()).isTrue();
      }
    }
  }

  private boolean encodeMany(char letter) {
    for (int i = 1; i < 200; i++) {
      var message = message(String.valueOf(letter).repeat(2_000 + i));
      var out = Unpooled.buffer();
      form.encode(message, new Stamp().set(1, 2, 3, 4), out);
      if (!java.util.Arrays.equals(inflated(WireFrame.payload(out)), plain(message))) {
        return false;
      }
    }
    return true;
  }
}
