package dev.millrace.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "12B, 12",
    "64KB, 64000",
    "64K, 64000",
    "64 KiB, 65536",
    "1MB, 1000000",
    "1MiB, 1048576",
    "2GB, 2000000000",
    "2GiB, 2147483648",
    "' 5 ', 5",
    "999999999999999999, 999999999999999999"
  })
  void sizesAreRead(String text, long bytes) {
    assertThat(ByteSize.parse(text)).contains(new ByteSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "1.5MB",
        "1TB",
        "MB",
        "1mb",
        "1 2",
        "9999999999999999999",
        "99999999999GiB"
      })
  void whatIsNoSizeIsRefused(String text) {
    assertThat(ByteSize.parse(text)).isEmpty();
  }

  @Test
  void sizesReadBackAsTheyWereWritten() {
    assertThat(new ByteSize(1 << 20)).hasToString("1MiB");
    assertThat(new ByteSize(64_000)).hasToString("64000B");
    assertThat(new ByteSize(0)).hasToString("0B");
    var random = new Random(1);
    for (int round = 0; round < 2_000; round++) {
      long unit = 1L << (10 * random.nextInt(4));
      var size = new ByteSize(random.nextLong(1L << 58) / unit * unit);
      assertThat(ByteSize.parse(size.toString())).as("seed 1, round %d", round).contains(size);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "0s, PT0S",
    "7us, PT0.000007S",
    "250ms, PT0.25S",
    "5s, PT5S",
    "2m, PT2M",
    "36h, PT36H",
    "7d, PT168H",
    "' 1 s ', PT1S",
    "106751d, PT2562024H"
  })
  void durationsAreRead(String text, Duration duration) {
    assertThat(Durations.parse(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "-5s", "1.5s", "5 seconds", "s", "1h30m", "106752d", "999999999999d"})
  void whatIsNoDurationIsRefused(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @Test
  void durationsReadBackAsTheyWereWritten() {
    assertThat(Durations.format(Duration.ZERO)).isEqualTo("0s");
    assertThat(Durations.format(Duration.ofMillis(1_500))).isEqualTo("1500ms");
    assertThat(Durations.format(Duration.ofSeconds(90))).isEqualTo("90s");
    assertThat(Durations.format(Duration.ofMinutes(90))).isEqualTo("90m");
    assertThat(Durations.format(Duration.ofDays(1))).isEqualTo("24h");
    var random = new Random(2);
    long[] units = {1, 1_000, 1_000_000, 60_000_000, 3_600_000_000L};
    for (int round = 0; round < 2_000; round++) {
      var duration =
          Duration.ofNanos(1_000L * random.nextInt(100_000) * units[random.nextInt(units.length)]);
      assertThat(Durations.parse(Durations.format(duration)))
          .as("seed 2, round %d", round)
          .contains(duration);
    }
  }
}
