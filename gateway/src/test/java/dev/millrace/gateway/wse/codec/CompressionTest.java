package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompressionTest {
  private static final int LIMIT = 1 << 20;

  private final Compressor compressor = new Compressor(6);
  private final Decompressor decompressor = new Decompressor(LIMIT);

  @AfterEach
  void close() {
    compressor.close();
    decompressor.close();
  }

  private byte[] inflated(byte[] message) {
    assertThat(message).startsWith('C', ':');
    return ((Unframed.Text) decompressor.inflate(message, 2, message.length)).bytes();
  }

  private static byte[] deflated(byte[] content, boolean bare) {
    var out = new ByteArrayOutputStream();
    try (var stream = new DeflaterOutputStream(out, new Deflater(9, bare))) {
      stream.write(content);
    } catch (java.io.IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  @Test
  void whatWasCompressedComesBack() {
    for (int length : new int[] {1_025, 2_000, 4_096, 70_000, 300_000, LIMIT}) {
      var text = "U{\"t\":\"x\",\"p\":\"" + "abcdefgh ".repeat(length / 9 + 1);
      var plain = WireFrame.buffer(text.substring(0, length));
      var out = ByteBufAllocator.DEFAULT.directBuffer(16);
      assertThat(compressor.appendFrame(plain, 1_024, out)).isTrue();
      assertThat(plain.readableBytes()).isEqualTo(length);
      assertThat(out.readableBytes()).isLessThan(length);
      assertThat(WireFrame.text(inflated(WireFrame.payload(out))))
          .isEqualTo(text.substring(0, length));
    }
  }

  @Test
  void aFrameStandsBehindWhatTheBufferHeld() {
    var out = Unpooled.buffer();
    out.writeInt(7);
    var plain = WireFrame.buffer("z".repeat(100_000)); // its header shrinks from ten bytes to two
    assertThat(compressor.appendFrame(plain, 512, out)).isTrue();
    assertThat(compressor.appendFrame(plain, 512, out)).isTrue();
    assertThat(out.readInt()).isEqualTo(7);
    int each = out.readableBytes() / 2;
    assertThat(inflated(WireFrame.payload(out.readRetainedSlice(each)))).hasSize(100_000);
    assertThat(inflated(WireFrame.payload(out.readRetainedSlice(each)))).hasSize(100_000);
  }

  @Test
  void upToTheThresholdAFrameStaysPlain() {
    var out = Unpooled.buffer();
    assertThat(compressor.appendFrame(WireFrame.buffer("a".repeat(1_024)), 1_024, out)).isFalse();
    assertThat(compressor.appendFrame(WireFrame.buffer("a".repeat(1_025)), 1_024, out)).isTrue();
    assertThat(compressor.appendFrame(Unpooled.EMPTY_BUFFER, 0, out)).isFalse();
    assertThat(compressor.appendFrame(WireFrame.buffer("abc"), 0, out)).isFalse();
  }

  @Test
  void whatDoesNotBecomeSmallerStaysPlainAndLeavesNoTrace() {
    var noise = new byte[5_000];
    new Random(1).nextBytes(noise);
    var out = Unpooled.buffer().writeByte(9);
    assertThat(compressor.appendFrame(Unpooled.wrappedBuffer(noise), 1_024, out)).isFalse();
    assertThat(out.readableBytes()).isEqualTo(1);
    assertThat(compressor.appendFrame(WireFrame.buffer("b".repeat(2_000)), 1_024, out)).isTrue();
  }

  @Test
  void aBareDeflateStreamIsRead() {
    var content = WireFrame.bytes("{\"t\":\"x\"}");
    var stream = deflated(content, true);
    assertThat(decompressor.inflate(stream, 0, stream.length))
        .isInstanceOfSatisfying(
            Unframed.Text.class, text -> assertThat(text.bytes()).isEqualTo(content));
  }

  @Test
  void contentUpToTheLimitIsReadAndNotAByteMore() {
    var most = deflated(new byte[LIMIT], false);
    assertThat(((Unframed.Text) decompressor.inflate(most, 0, most.length)).bytes()).hasSize(LIMIT);
    var more = deflated(new byte[LIMIT + 1], false);
    assertThat(decompressor.inflate(more, 0, more.length)).isEqualTo(new Unframed.TooLarge(LIMIT));
  }

  @Test
  void aBombIsRefusedAtTheLimitHoweverOftenItComes() {
    var bomb = deflated(new byte[200 << 20], false);
    long before = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThat(decompressor.inflate(bomb, 0, bomb.length))
          .isEqualTo(new Unframed.TooLarge(LIMIT));
    }
    // 4 GB would take many seconds; 20 MB do not.
    assertThat(System.nanoTime() - before).isLessThan(5_000_000_000L);
    var good = deflated(new byte[10], false);
    assertThat(((Unframed.Text) decompressor.inflate(good, 0, good.length)).bytes()).hasSize(10);
  }

  @Test
  void whatIsNotExactlyOneStreamIsRefused() {
    var refused = new Unframed.Refused(Unframed.Reason.NOT_COMPRESSED);
    var good = deflated(WireFrame.bytes("{\"t\":\"some text\"}"), false);
    for (int length = 0; length < good.length; length++) {
      assertThat(decompressor.inflate(good, 0, length)).as("cut at " + length).isEqualTo(refused);
    }
    var followed = Arrays.copyOf(good, good.length + 1);
    assertThat(decompressor.inflate(followed, 0, followed.length)).isEqualTo(refused);
    var out = new byte[100];
    try (var deflater = new Deflater()) {
      deflater.setDictionary(WireFrame.bytes("some text"));
      deflater.setInput(WireFrame.bytes("some text"));
      deflater.finish();
      int length = deflater.deflate(out);
      assertThat(decompressor.inflate(out, 0, length)).isEqualTo(refused);
    }
  }

  @Test
  void randomContentComesBackAndDamagedStreamsNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 3_000; i++) {
      var content = WireFrame.bytes(json.object(4));
      ByteBuf out = Unpooled.buffer();
      if (compressor.appendFrame(Unpooled.wrappedBuffer(content), 0, out)) {
        var message = WireFrame.payload(out);
        assertThat(inflated(message)).as("seed " + seed).isEqualTo(content);
        anyStreamIsInflatedWithoutFailing(json.damaged(message));
      }
    }
  }

  @FuzzTest
  void anyStreamIsInflatedWithoutFailing(byte[] bytes) {
    assertThat(decompressor.inflate(bytes, 0, bytes.length)).isNotNull();
  }
}
