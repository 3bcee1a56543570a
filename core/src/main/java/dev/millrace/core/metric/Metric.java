package dev.millrace.core.metric;

import java.util.List;

/// The declaration of one metric. Each module has an enum that implements this; the reference page
/// and the registry both read it, so a metric exists once.
///
/// Names are `millrace_<module>_…`, counters end in `_total`, units stand last before that. Label
/// values must come from a bounded set: pipelines, nodes, reasons; never users, topics or
/// addresses.
public interface Metric {
  Declaration declaration();

  /// The full name as it appears in the exposition.
  default String metricName() {
    return declaration().name();
  }

  default Kind kind() {
    return declaration().kind();
  }

  /// One sentence for the reference page and `# HELP`.
  default String help() {
    return declaration().help();
  }

  /// Label names, in the order values are given.
  default List<String> labels() {
    return declaration().labels();
  }

  /// All that is said about a metric.
  record Declaration(String name, Kind kind, String help, List<String> labels) {
    public Declaration {
      labels = List.copyOf(labels);
    }

    public static Declaration of(String name, Kind kind, String help, String... labels) {
      return new Declaration(name, kind, help, List.of(labels));
    }
  }

  /// What a metric does over time.
  enum Kind {
    /// Only grows.
    COUNTER,
    /// Read when somebody looks.
    GAUGE,
    /// Durations in seconds, by bucket.
    SECONDS
  }
}
