package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads keys that go by several names, and complains about those that go by none.
record Fields(Tree.Mapping mapping, Problems problems) {

  /// The value under the first of `names`, or null when none is there. Two of them are ambiguous.
  @Nullable Tree oneOf(String... names) {
    Tree found = null;
    String foundName = "";
    for (var name : names) {
      var value = mapping.get(name);
      if (value == null) {
        continue;
      }
      if (found != null) {
        problems.error(
            "E_AMBIGUOUS",
            mapping.keyLocation(name),
            "both " + foundName + " and " + name + " stand here, and mean the same",
            "Remove one.");
        break;
      }
      found = value;
      foundName = name;
    }
    return found;
  }

  /// Where the value of the first key that is there stands.
  Location at(String... names) {
    for (var name : names) {
      var value = mapping.get(name);
      if (value != null) {
        return value.location();
      }
    }
    return mapping.location();
  }

  /// Text that is not empty under one of `names`, or null after adding a problem of `code`.
  @Nullable String text(String code, String missing, String... names) {
    var value = oneOf(names);
    if (value == null) {
      problems.error(code, mapping.location(), missing, "Add it: \"" + names[0] + "\": \"…\".");
      return null;
    }
    if (value instanceof Tree.Scalar(var at, var content, var origin)
        && content instanceof String text
        && !text.isEmpty()) {
      return text;
    }
    problems.error(
        code,
        value.location(),
        names[0] + " wants text that is not empty, not " + value.describe(),
        null);
    return null;
  }

  /// Warns of every key that is not in `known`.
  void warnBeyond(List<String> known) {
    for (var name : mapping.entries().keySet()) {
      if (!known.contains(name)) {
        problems.warning(
            "W_UNKNOWN_KEY",
            mapping.keyLocation(name),
            "the key " + name + " is not known here and has no effect",
            Suggestion.closest(name, known)
                .map(close -> "Did you mean " + close + "?")
                .orElse("Known keys: " + String.join(", ", known) + "."));
      }
    }
  }
}
