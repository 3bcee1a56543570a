package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.NotWith;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node's entry says to the engine, beside its type and config.
record NodeKeys(
    @About("How many instances share the work; for stateless types.")
        @Default("1")
        @Range(min = 1, max = 256)
        @NotWith("workers")
        int parallelism,
    @About("How many instances share the work, as needed; for stateless types.")
        @Nullable Workers workers,
    @About("Tells states of the node apart that do not fit together.") @Nullable Tree version,
    @About("How the frames of this source tell the time.") @Nullable EventTime eventTime) {
  static final List<String> NAMES = List.of("parallelism", "workers", "version", "event_time");
  static final NodeKeys DEFAULT = new NodeKeys(1, null, null, null);

  /// A pool that grows and shrinks.
  record Workers(
      @About("Instances that are always there.") @Default("1") @Range(min = 1, max = 256) int min,
      @About("Most instances.") @Range(min = 1, max = 256) int max,
      @About("Whether frames go on in the order they came.") @Default("true") boolean ordered) {
    Workers {
      if (min > max) {
        throw new IllegalArgumentException("workers: min " + min + " is above max " + max);
      }
    }
  }

  static NodeKeys read(Tree.Mapping node, Problems problems) {
    var own = only(node, NAMES);
    return own == null ? DEFAULT : Spec.of(NodeKeys.class).read(own, problems).orElse(DEFAULT);
  }

  /// The part of `mapping` under `names`, or null without one.
  static Tree.@Nullable Mapping only(Tree.Mapping mapping, List<String> names) {
    var entries = new LinkedHashMap<String, Tree>();
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              if (names.contains(name)) {
                entries.put(name, value);
              }
            });
    return entries.isEmpty()
        ? null
        : new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
  }

  int workersMin() {
    return workers == null ? parallelism : workers.min();
  }

  int workersMax() {
    return workers == null ? parallelism : workers.max();
  }

  boolean ordered() {
    return workers == null || workers.ordered();
  }

  /// `version` as text: somebody may write a number.
  String versionText(Problems problems) {
    return text(version, "version", problems);
  }

  /// Text, a boolean or an integer as text, empty for nothing or after a problem.
  static String text(@Nullable Tree tree, String name, Problems problems) {
    if (tree == null) {
      return "";
    }
    if (tree instanceof Tree.Scalar scalar
        && (scalar.value() instanceof String
            || scalar.value() instanceof Boolean
            || scalar.value() instanceof Long)) {
      return scalar.value().toString();
    }
    problems.error(
        "E_BAD_CONFIG", tree.location(), name + " wants text, not " + tree.describe(), null);
    return "";
  }
}
