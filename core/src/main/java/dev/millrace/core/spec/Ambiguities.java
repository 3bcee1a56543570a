package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds keys of one mapping that mean the same: two names of one key, or two keys of which each
/// says it in its own way. The one that stands further back is named as the problem.
final class Ambiguities {
  private Ambiguities() {}

  static void report(List<Spec.Key> keys, Tree.Mapping mapping, Problems problems) {
    for (var key : keys) {
      if (!key.aliases().isEmpty()) {
        report(key, key, mapping, problems);
      }
      var other = other(keys, key);
      // Where both say that they exclude each other it is told once.
      boolean told = other != null && key.name().equals(other.notWith());
      if (other != null && !(told && keys.indexOf(other) < keys.indexOf(key))) {
        report(key, other, mapping, problems);
      }
    }
  }

  private static Spec.@Nullable Key other(List<Spec.Key> keys, Spec.Key key) {
    return key.notWith() == null
        ? null
        : keys.stream().filter(one -> one.name().equals(key.notWith())).findFirst().orElseThrow();
  }

  private static void report(Spec.Key one, Spec.Key two, Tree.Mapping mapping, Problems problems) {
    String first = null;
    for (var entry : mapping.entries().entrySet()) {
      var name = entry.getKey();
      if ((one.isCalled(name) || two.isCalled(name))
          && !(entry.getValue() instanceof Tree.Scalar scalar && scalar.value() == null)) {
        if (first != null && (one.equals(two) || one.isCalled(first) != one.isCalled(name))) {
          problems.error(
              "E_AMBIGUOUS",
              mapping.keyLocation(name),
              "both " + first + " and " + name + " stand here, and mean the same",
              "Remove one.");
          return;
        }
        first = name;
      }
    }
  }
}
