package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.report.Bar;
import java.util.function.ToDoubleFunction;

/// What the ratio of one figure has to be.
public record Goal(
    String figure, ToDoubleFunction<LoadResult> measure, Bar.Kind kind, double limit) {

  /// At least `limit` of the deliveries a second.
  static Goal deliveries(double limit) {
    return new Goal("deliveries/s", LoadResult::deliveriesPerSecond, Bar.Kind.AT_LEAST, limit);
  }

  /// At most `limit` times the 99th percentile of the latency.
  static Goal p99(double limit) {
    return new Goal("p99", result -> result.latency().p99(), Bar.Kind.AT_MOST, limit);
  }
}
