package dev.millrace.hub;

import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.util.List;

/// Hub configurations that differ from the defaults in a few keys.
final class HubSpecs {
  private HubSpecs() {}

  /// `assignments` are `key=value`.
  static HubSpec with(String... assignments) {
    var problems = new Problems();
    var tree =
        Overrides.set(Tree.Mapping.empty(Location.of("test")), List.of(assignments), problems);
    return Spec.of(HubSpec.class)
        .read(tree, problems)
        .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
  }
}
