package dev.millrace.hub;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Deliveries by how long their messages were on their way through the hub. `counts` has one more
/// than `boundsMicros`: the deliveries that took longer than all of these.
public record SendLatency(List<Long> boundsMicros, List<Long> counts) {
  public SendLatency {
    boundsMicros = List.copyOf(boundsMicros);
    counts = List.copyOf(counts);
    if (counts.size() != boundsMicros.size() + 1) {
      throw new IllegalArgumentException(counts.size() + " counts for " + boundsMicros.size());
    }
  }

  static SendLatency of(long[] bounds, long[] counts) {
    return new SendLatency(Arrays.stream(bounds).boxed().toList(), boxed(Arrays.stream(counts)));
  }

  /// The deliveries since `earlier`, which has the same bounds.
  public SendLatency since(SendLatency earlier) {
    return new SendLatency(
        boundsMicros,
        boxed(
            LongStream.range(0, counts.size())
                .map(i -> counts.get((int) i) - earlier.counts.get((int) i))));
  }

  /// The time that the share `quantile` of the deliveries did not exceed, between bounds by
  /// proportion; null without deliveries, the last bound for what lies beyond it.
  public @Nullable Double micros(double quantile) {
    long total = counts.stream().mapToLong(Long::longValue).sum();
    if (total <= 0) {
      return null;
    }
    double rank = quantile * total;
    long below = 0;
    for (int i = 0; i < boundsMicros.size(); i++) {
      long here = counts.get(i);
      if (here > 0 && below + here >= rank) {
        double from = i == 0 ? 0 : boundsMicros.get(i - 1);
        return from + (boundsMicros.get(i) - from) * Math.max(0, rank - below) / here;
      }
      below += here;
    }
    return (double) boundsMicros.getLast();
  }

  private static List<Long> boxed(LongStream numbers) {
    return numbers.boxed().toList();
  }
}
