package dev.millrace.signals.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SampleFormatTest {

  @ParameterizedTest
  @CsvSource({
    "U8, 00, -1", "U8, 80, 0", "U8, FF, 0.9921875",
    "I16, 0080, -1", "I16, FF7F, 0.999969482421875", "I16, 0100, 0.000030517578125",
    "I24, 000080, -1", "I24, FFFF7F, 0.99999988079071044921875",
        "I24, FFFFFF, -1.1920928955078125e-7",
    "I32, 00000080, -1", "I32, 00000040, 0.5", "I32, FFFFFFFF, -4.656612873077393e-10",
    "F32, 0000803F, 1", "F32, 000020C1, -10", "F64, 000000000000F83F, 1.5"
  })
  void bytesOfADeviceAreFractionsOfFullScale(SampleFormat format, String hex, double value) {
    var bytes = java.util.HexFormat.of().parseHex(hex);
    var out = new double[1];
    format.read(bytes, 0, bytes.length, out);
    assertThat(out).containsExactly(value);
    assertThat(written(format, value)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "U8, 5, FF",
    "U8, -5, 00",
    "U8, 0.996, FF",
    "U8, NaN, 80",
    "I16, 1, FF7F",
    "I16, -7, 0080",
    "I16, 0.00004, 0100",
    "I16, -0.00004, FFFF",
    "I16, NaN, 0000",
    "I24, 2, FFFF7F",
    "I24, -2, 000080",
    "I24, 1.7e-7, 010000",
    "I32, 1, FFFFFF7F",
    "I32, -Infinity, 00000080",
    "F32, 1e300, FFFF7F7F",
    "F32, -1e300, FFFF7FFF",
    "F32, Infinity, 0000807F",
    "F64, Infinity, 000000000000F07F"
  })
  void samplesAreHeldToTheRangeAndCutOffTowardsZero(SampleFormat format, double value, String hex) {
    assertThat(java.util.HexFormat.of().withUpperCase().formatHex(written(format, value)))
        .isEqualTo(hex);
  }

  @ParameterizedTest
  @EnumSource(SampleFormat.class)
  void fromADeviceAndBackIsTheSameBytes(SampleFormat format) {
    long seed = 11;
    var random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      int channels = 1 + random.nextInt(4);
      int samples = random.nextInt(50);
      int stride = channels * format.bytes();
      var bytes = new byte[samples * stride];
      random.nextBytes(bytes);
      if (format == SampleFormat.F32 || format == SampleFormat.F64) {
        Arrays.fill(bytes, (byte) random.nextInt(64)); // some finite number
      }
      var back = new byte[bytes.length];
      for (int c = 0; c < channels; c++) {
        var values = new double[samples];
        format.read(bytes, c * format.bytes(), stride, values);
        format.write(values, back, c * format.bytes(), stride);
      }
      assertThat(back).as("seed " + seed + ", run " + run).isEqualTo(bytes);
    }
  }

  @Test
  void everyShortIsReadExactly() {
    var bytes = new byte[1 << 17];
    for (int i = 0; i < 1 << 16; i++) {
      bytes[2 * i] = (byte) i;
      bytes[2 * i + 1] = (byte) (i >> 8);
    }
    var out = new double[1 << 16];
    SampleFormat.I16.read(bytes, 0, 2, out);
    for (int i = 0; i < 1 << 16; i++) {
      assertThat(out[i]).isEqualTo((short) i / 32_768.0);
    }
  }

  private static byte[] written(SampleFormat format, double value) {
    var bytes = new byte[format.bytes()];
    format.write(new double[] {value}, bytes, 0, format.bytes());
    return bytes;
  }
}
