package dev.millrace.engine.graph;

import dev.millrace.core.spec.Spec;

/// The keys of a graph document that hold values: the same specs that read it, for whoever tells of
/// them.
public final class GraphKeys {
  private GraphKeys() {}

  /// Of `pipeline_config`.
  public static Spec<?> settings() {
    return Spec.of(GraphSettings.class);
  }

  /// Of an entry of `nodes`, beside what it is and what becomes of its failures.
  public static Spec<?> node() {
    return Spec.of(NodeKeys.class);
  }

  /// Of an entry of `connections`, beside its ends.
  public static Spec<?> connection() {
    return Spec.of(EdgeReader.EdgeSettings.class);
  }
}
