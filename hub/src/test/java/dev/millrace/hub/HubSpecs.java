package dev.millrace.hub;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Hub configurations that differ from the defaults in a few keys.
final class HubSpecs {
  private HubSpecs() {}

  /// The section as a file would have it.
  static HubSpec of(String yaml) {
    var problems = new Problems();
    return Documents.parseMapping("test", yaml.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Spec.of(HubSpec.class).read(tree, problems))
        .filter(spec -> !problems.hasErrors())
        .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
  }

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
