package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, 0",
    "1, 1",
    "-1, -1",
    "0.5, 0.5",
    "0.93000001, 0.93",
    "0.123456789, 0.123457",
    "0.0001234567, 0.000123457",
    "12.3456789, 12.3457",
    "999999.4, 999999",
    "999999.7, 1000000",
    "9.9999999, 10",
    "0.99999999, 1",
    "100, 100",
    "-0.75, -0.75",
    "0.00001, 0.00001",
    "0.0000012345678, 0.00000123457",
    "1.5e-12, 1.5E-12",
    "1234567, 1.23457E+6",
    "1e300, 1E+300",
    "NaN, null",
    "Infinity, null",
    "-Infinity, null"
  })
  void numbersAreShort(double value, String expected) {
    assertThat(written(value)).isEqualTo(expected);
  }

  @Test
  void anyNumberIsJsonCloseToWhatItWas() {
    long seed = 5;
    var random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      double value = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(30) - 15);
      var text = written(value);
      double back = Json.tree(text.getBytes(StandardCharsets.UTF_8)).doubleValue();
      assertThat(back)
          .as("seed %d, round %d: %s as %s", seed, round, value, text)
          .isCloseTo(value, within(Math.abs(value) * 5.1e-6));
      assertThat(text.length()).isLessThanOrEqualTo(Decimals.MAX_BYTES);
    }
  }

  private static String written(double value) {
    var out = new byte[2 + Decimals.MAX_BYTES];
    int end = Decimals.write(value, out, 2);
    return new String(out, 2, end - 2, StandardCharsets.US_ASCII);
  }
}
