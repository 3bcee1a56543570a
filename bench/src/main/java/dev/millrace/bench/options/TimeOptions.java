package dev.millrace.bench.options;

import java.time.Duration;
import picocli.CommandLine.Option;

/// How long the parts of a round take.
public final class TimeOptions {
  private static final int MAX_SECONDS = 60;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Measured seconds of each round, at most 60. Default: 5.")
  private double seconds = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description = "Seconds of load before each measured part, at most 60. Default: 3.")
  private double warmUp = 3;

  public TimeOptions() {}

  /// The measured part.
  ///
  /// @throws IllegalArgumentException if it is negative or too long
  public Duration measured() {
    return duration(seconds);
  }

  /// What comes before it.
  ///
  /// @throws IllegalArgumentException if it is negative or too long
  public Duration warmUp() {
    return duration(warmUp);
  }

  private static Duration duration(double seconds) {
    if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
      throw new IllegalArgumentException(seconds + " seconds outside 0…" + MAX_SECONDS);
    }
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }
}
