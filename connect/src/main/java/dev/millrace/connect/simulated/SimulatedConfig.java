package dev.millrace.connect.simulated;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// How much of what a simulated firehose makes.
public record SimulatedConfig(
    @About("Two sources with the same seed make the same events.") @Default("1") long seed,
    @About("Events per second; 0 is as fast as they can be taken.")
        @Default("480")
        @Range(min = 0, max = 1_000_000)
        double rate,
    @About("How many events to make before the source ends; 0 never ends.")
        @Default("0")
        @Range(min = 0)
        long count,
    @About(
            "The time of the first event, in microseconds since 1970, which fixes every byte; 0"
                + " stamps events with the present.")
        @Default("0")
        @Range(min = 0, max = 4_000_000_000_000_000.0)
        long startTimeUs,
    @About("Accounts that take part.") @Default("200000") @Range(min = 10, max = 100_000_000)
        int accounts) {

  /// Every default.
  public static final SimulatedConfig DEFAULT = new SimulatedConfig(1, 480, 0, 0, 200_000);

  public SimulatedConfig withSeed(long newSeed) {
    return new SimulatedConfig(newSeed, rate, count, startTimeUs, accounts);
  }

  public SimulatedConfig withRate(double newRate) {
    return new SimulatedConfig(seed, newRate, count, startTimeUs, accounts);
  }

  public SimulatedConfig withCount(long newCount) {
    return new SimulatedConfig(seed, rate, newCount, startTimeUs, accounts);
  }

  public SimulatedConfig withStartTimeUs(long newStartTimeUs) {
    return new SimulatedConfig(seed, rate, count, newStartTimeUs, accounts);
  }
}
