package dev.millrace.bench.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HandshakeTest {
  private static final String SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  @Test
  void theKeyOfTheStandardGetsTheAnswerOfTheStandard() {
    // RFC 6455, section 1.3.
    assertThat(Handshake.acceptFor(SAMPLE_KEY)).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @Test
  void aRequestIsUnderstoodByTheOtherHalf() {
    var request = Handshake.request("127.0.0.1:80", "/sub", SAMPLE_KEY);
    int end = Handshake.headEnd(request, 0, request.limit());

    assertThat(end).isEqualTo(request.limit());
    var head = Handshake.head(request, 0, end);
    assertThat(head).startsWith("GET /sub HTTP/1.1\r\n");
    assertThat(Handshake.header(head, "sec-websocket-KEY")).isEqualTo(SAMPLE_KEY);
    assertThat(Handshake.header(head, "Origin")).isNull();
  }

  @Test
  void aHeadEndsAtItsEmptyLineAndNotBefore() {
    var request = Handshake.request("h", "/", SAMPLE_KEY);
    for (int end = 0; end < request.limit(); end++) {
      assertThat(Handshake.headEnd(request, 0, end)).isEqualTo(-1);
    }
  }

  @Test
  void brokenHeadsAreReadWithoutFailing() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var request = Handshake.request("h", "/sub", SAMPLE_KEY);
    var good = Handshake.head(request, 0, request.limit()).getBytes(StandardCharsets.ISO_8859_1);
    for (int round = 0; round < 3_000; round++) {
      var bytes = good.clone();
      for (int change = random.nextInt(8); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        fuzz(bytes);
      } catch (RuntimeException | AssertionError failure) {
        throw new AssertionError("seed " + seed + ", round " + round, failure);
      }
    }
  }

  @FuzzTest
  void fuzz(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    int end = Handshake.headEnd(buffer, 0, bytes.length);
    assertThat(end).isBetween(-1, bytes.length);
    if (end > 0) {
      var head = Handshake.head(buffer, 0, end);
      assertThat(head.getBytes(StandardCharsets.ISO_8859_1)).hasSize(end);
      var key = Handshake.header(head, "Sec-WebSocket-Key");
      assertThat(key == null || !key.contains("\r\n")).isTrue();
    }
  }
}
