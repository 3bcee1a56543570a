package dev.millrace.bench.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameHeaderTest {
  private static final int RANDOM_INPUTS = 20_000;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, FrameHeader.MAX_PAYLOAD_BYTES})
  void whatIsWrittenIsReadAgain(int payloadBytes) throws ProtocolException {
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES);
    FrameHeader.write(out, FrameHeader.BINARY, payloadBytes);
    int end = out.position();

    long header = FrameHeader.read(out, 0, end);

    assertThat(FrameHeader.payloadBytes(header)).isEqualTo(payloadBytes);
    assertThat(FrameHeader.headerBytes(header)).isEqualTo(end);
    assertThat(FrameHeader.opcode(header)).isEqualTo(FrameHeader.BINARY);
    assertThat(FrameHeader.isMasked(header)).isFalse();
    assertThat(FrameHeader.frameBytes(header)).isEqualTo(FrameHeader.wireBytes(payloadBytes));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 125, 126, 70_000})
  void aMaskedHeaderIsFourBytesLonger(int payloadBytes) throws ProtocolException {
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES);
    FrameHeader.writeMasked(out, FrameHeader.TEXT, payloadBytes, 0x01020304);

    long header = FrameHeader.read(out, 0, out.position());

    assertThat(FrameHeader.isMasked(header)).isTrue();
    assertThat(FrameHeader.frameBytes(header)).isEqualTo(FrameHeader.wireBytes(payloadBytes) + 4);
    assertThat(out.getInt(FrameHeader.headerBytes(header) - 4)).isEqualTo(0x01020304);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 126, 70_000})
  void aHeaderIsIncompleteUntilItsLastByte(int payloadBytes) throws ProtocolException {
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES);
    FrameHeader.writeMasked(out, FrameHeader.TEXT, payloadBytes, 7);

    for (int end = 0; end < out.position(); end++) {
      assertThat(FrameHeader.read(out, 0, end)).isEqualTo(FrameHeader.INCOMPLETE);
    }
  }

  @Test
  void fragmentsExtensionsAndHugeFramesAreRefused() {
    assertThatThrownBy(() -> read(0x01, 0x00)).hasMessageContaining("0x01");
    assertThatThrownBy(() -> read(0x80, 0x00)).hasMessageContaining("0x80");
    assertThatThrownBy(() -> read(0xC1, 0x00)).hasMessageContaining("0xc1");
    assertThatThrownBy(() -> read(0x81, 127, -1, 0, 0, 0, 0, 0, 0, 0))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("18374686479671623680 bytes");
  }

  @Test
  void everyWireSizeHasThePayloadThatMakesItOrTheNextLarger() {
    for (int wireBytes = 2; wireBytes < 70_000; wireBytes++) {
      int made = FrameHeader.wireBytes(FrameHeader.payloadBytesFor(wireBytes));
      assertThat(made - wireBytes).as("wire bytes " + wireBytes).isBetween(0, 6);
      assertThat(made == wireBytes || wireBytes == 128 || wireBytes == 129 || wireBytes > 65_539)
          .as("wire bytes " + wireBytes)
          .isTrue();
    }
  }

  @Test
  void randomBytesAreReadRefusedOrIncompleteButNeverOverrun() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int input = 0; input < RANDOM_INPUTS; input++) {
      var bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = (byte) (0x80 | random.nextInt(16)); // get past the first check half of the time
      }
      try {
        fuzz(bytes);
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed + ", input " + Arrays.toString(bytes), failure);
      }
    }
  }

  @FuzzTest
  void fuzz(byte[] bytes) {
    long header;
    try {
      header = FrameHeader.read(ByteBuffer.wrap(bytes), 0, bytes.length);
    } catch (ProtocolException refused) {
      assertThat(refused).hasMessageNotContaining("null");
      return;
    }
    if (header != FrameHeader.INCOMPLETE) {
      assertThat(FrameHeader.headerBytes(header)).isBetween(2, bytes.length);
      assertThat(FrameHeader.payloadBytes(header)).isBetween(0, FrameHeader.MAX_PAYLOAD_BYTES);
      assertThat(FrameHeader.opcode(header)).isEqualTo(bytes[0] & 0x0F);
      assertThat(FrameHeader.isMasked(header)).isEqualTo(bytes[1] < 0);
    }
  }

  private static void read(int... bytes) throws ProtocolException {
    var buffer = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      buffer.put((byte) value);
    }
    long header = FrameHeader.read(buffer, 0, bytes.length);
    throw new AssertionError("was read as " + header);
  }
}
