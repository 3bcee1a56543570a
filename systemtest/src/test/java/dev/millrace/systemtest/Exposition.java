package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// What `/metrics` said once: values by series, which is written as it stands there, labels and
/// all.
record Exposition(Map<String, Double> series) {

  static Exposition of(URI address) {
    var answer = Http.get(address, "/metrics");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    var series = new LinkedHashMap<String, Double>();
    answer
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              var value = line.substring(space + 1).replace("+Inf", "Infinity");
              series.put(line.substring(0, space), Double.valueOf(value));
            });
    return new Exposition(series);
  }

  /// The value of a series; 0 for one that is not there.
  double value(String name) {
    return series.getOrDefault(name, 0.0);
  }

  /// The series of a metric.
  Stream<String> of(String metric) {
    return series.keySet().stream()
        .filter(name -> name.equals(metric) || name.startsWith(metric + "{"));
  }

  /// The sum over the series of a metric that have the label `node` (or another, as it is written).
  long sum(String metric, String label) {
    return of(metric)
        .filter(name -> name.contains(label))
        .mapToLong(name -> Math.round(value(name)))
        .sum();
  }
}
