package dev.millrace.core.metric;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/// The registry of one process. Handles are looked up once and kept by whoever counts; a handle is
/// a striped adder, so counting once per batch costs next to nothing. Safe from any thread.
public final class Metrics {
  private static final double[] SECONDS_BUCKETS = {
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final Map<String, Histogram> histograms = new ConcurrentHashMap<>();
  private final Map<String, Map<List<String>, DoubleSupplier>> gauges = new ConcurrentHashMap<>();
  private final Map<String, String> aliases = new ConcurrentHashMap<>(); // by the metric's family

  /// Shows `metric` under `otherName` as well: the same samples, for dashboards that know another
  /// name. `otherName` is as it stands in the exposition, with `_total` for a counter.
  public void alias(Metric metric, String otherName) {
    aliases.put(family(metric.metricName()), family(otherName));
  }

  /// Shows `metric` under its own name only.
  public void removeAlias(Metric metric) {
    aliases.remove(family(metric.metricName()));
  }

  /// The counter of `metric` for these label values; the same handle each time.
  public CounterDataPoint counter(Metric metric, String... labelValues) {
    var counter =
        counters.computeIfAbsent(
            metric.metricName(),
            name ->
                Counter.builder()
                    .name(name)
                    .help(metric.help())
                    .labelNames(metric.labels().toArray(String[]::new))
                    .register(registry));
    return labelValues.length == 0 ? counter : counter.labelValues(labelValues);
  }

  /// A histogram of seconds.
  public DistributionDataPoint seconds(Metric metric, String... labelValues) {
    var histogram =
        histograms.computeIfAbsent(
            metric.metricName(),
            name ->
                Histogram.builder()
                    .name(name)
                    .help(metric.help())
                    .labelNames(metric.labels().toArray(String[]::new))
                    .classicOnly()
                    .classicUpperBounds(SECONDS_BUCKETS)
                    .register(registry));
    return labelValues.length == 0 ? histogram : histogram.labelValues(labelValues);
  }

  /// Has `value` read whenever somebody looks; a second call for the same labels replaces the
  /// first.
  public void gauge(Metric metric, DoubleSupplier value, String... labelValues) {
    gauges
        .computeIfAbsent(metric.metricName(), name -> registerGauge(metric))
        .put(List.of(labelValues), value);
  }

  /// Forgets a gauge whose subject is gone.
  public void removeGauge(Metric metric, String... labelValues) {
    var values = gauges.get(metric.metricName());
    if (values != null) {
      values.remove(List.of(labelValues));
    }
  }

  /// The current value of a counter, 0 before its first count. For summaries and tests.
  public double count(Metric metric, String... labelValues) {
    return counter(metric, labelValues).get();
  }

  /// Everything in Prometheus text format 0.0.4, UTF-8.
  public byte[] exposition() {
    var out = new ByteArrayOutputStream(8_192);
    try {
      PrometheusTextFormatWriter.create().write(out, withAliases(registry.scrape()));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  private MetricSnapshots withAliases(MetricSnapshots all) {
    if (aliases.isEmpty()) {
      return all;
    }
    var shown = MetricSnapshots.builder();
    for (var snapshot : all) {
      shown.metricSnapshot(snapshot);
      var other = aliases.get(snapshot.getMetadata().getName());
      if (other != null) {
        shown.metricSnapshot(renamed(snapshot, other));
      }
    }
    return shown.build();
  }

  private static MetricSnapshot renamed(MetricSnapshot snapshot, String name) {
    var metadata = new MetricMetadata(name, snapshot.getMetadata().getHelp());
    return switch (snapshot) {
      case CounterSnapshot counter -> new CounterSnapshot(metadata, counter.getDataPoints());
      case GaugeSnapshot gauge -> new GaugeSnapshot(metadata, gauge.getDataPoints());
      case HistogramSnapshot histogram ->
          new HistogramSnapshot(metadata, histogram.getDataPoints());
      default -> throw new IllegalStateException("no metric is a " + snapshot.getClass());
    };
  }

  /// A counter's name without its ending, as the registry keeps it.
  private static String family(String name) {
    return name.endsWith("_total") ? name.substring(0, name.length() - "_total".length()) : name;
  }

  private Map<List<String>, DoubleSupplier> registerGauge(Metric metric) {
    var values = new ConcurrentHashMap<List<String>, DoubleSupplier>();
    GaugeWithCallback.builder()
        .name(metric.metricName())
        .help(metric.help())
        .labelNames(metric.labels().toArray(String[]::new))
        .callback(
            sink ->
                values.forEach(
                    (labels, value) ->
                        sink.call(value.getAsDouble(), labels.toArray(String[]::new))))
        .register(registry);
    return values;
  }
}
