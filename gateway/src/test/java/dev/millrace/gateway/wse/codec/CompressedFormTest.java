package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.hub.Message;
import dev.millrace.hub.Stamp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompressedFormTest {
  private static final long NOW = 1_772_355_600_123L;
  private static final WseEnvelope PLAIN = WseEnvelope.INSTANCE;

  private final CompressedForm form = new CompressedForm(PLAIN, 6, 1_024);
  private final Stamp stamp = new Stamp().set(1, 2, 3, 4);

  @AfterEach
  void close() {
    form.close();
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
    try (var ofRaw = new CompressedForm(raw, 6, 1_024)) {
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
