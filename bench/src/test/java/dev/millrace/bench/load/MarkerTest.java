package dev.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MarkerTest {

  @Test
  void whatIsWrittenIsReadAgain() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var bytes = ByteBuffer.allocate(Marker.BYTES + 10);
    for (int round = 0; round < 5_000; round++) {
      int at = random.nextInt(10);
      int sequence = random.nextInt();
      long nanos = random.nextLong();

      Marker.write(bytes, at, sequence, nanos);

      assertThat(Marker.standsAt(bytes, at, at + Marker.BYTES)).isTrue();
      assertThat(Marker.sequence(bytes, at)).as("seed " + seed).isEqualTo(sequence);
      assertThat(Marker.nanos(bytes, at)).as("seed " + seed).isEqualTo(nanos);
    }
  }

  @Test
  void aMarkerNeedsNoEscapesInJson() {
    var bytes = ByteBuffer.allocate(Marker.BYTES);
    for (int digit = 0; digit < 16; digit++) {
      Marker.write(bytes, 0, digit * 0x11111111, digit * 0x1111111111111111L);
      assertThat(new String(bytes.array(), StandardCharsets.US_ASCII)).matches("[@-~:]{28}");
      assertThat(bytes.array()).doesNotContain('"', '\\');
    }
  }

  @Test
  void aMarkerIsFoundWhereverItStandsAndNotWhenItIsCutOff() {
    var bytes = ByteBuffer.allocate(100);
    Marker.write(bytes, 37, 1, 2);

    assertThat(Marker.find(bytes, 0, 100)).isEqualTo(37);
    assertThat(Marker.find(bytes, 38, 100)).isEqualTo(-1);
    assertThat(Marker.find(bytes, 0, 37 + Marker.BYTES - 1)).isEqualTo(-1);
    assertThat(Marker.standsAt(bytes, 37, 37 + Marker.BYTES - 1)).isFalse();
  }
}
