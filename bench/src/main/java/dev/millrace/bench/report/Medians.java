package dev.millrace.bench.report;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.ToDoubleFunction;

/// The middle of a few repeated measurements: one disturbed round does not move it.
public final class Medians {
  private Medians() {}

  /// The median of `measure` over `items`; of an even number, the mean of the two in the middle.
  public static <T> double of(Collection<T> items, ToDoubleFunction<T> measure) {
    var values = items.stream().mapToDouble(measure).sorted().toArray();
    if (values.length == 0) {
      throw new IllegalArgumentException("the median of nothing");
    }
    int middle = values.length / 2;
    return values.length % 2 == 1
        ? values[middle]
        : Arrays.stream(values, middle - 1, middle + 1).average().orElseThrow();
  }
}
