package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads documents for tests.
final class Read {
  private Read() {}

  /// The tree of a sound document.
  static Tree tree(String text) {
    var problems = new Problems();
    var tree = Documents.parse("doc", text.getBytes(StandardCharsets.UTF_8), problems);
    assertThat(problems.all()).isEmpty();
    return tree.orElseThrow();
  }

  static Tree.Mapping mapping(String text) {
    return (Tree.Mapping) tree(text);
  }

  /// What is wrong with `text`; nothing may come of it.
  static List<Problem> problems(String text) {
    return problems(text.getBytes(StandardCharsets.UTF_8));
  }

  static List<Problem> problems(byte[] bytes) {
    var problems = new Problems();
    assertThat(Documents.parse("doc", bytes, problems)).isEmpty();
    assertThat(problems.hasErrors()).isTrue();
    return problems.all();
  }

  /// The value of the scalar at `path`.
  static @Nullable Object value(Tree tree, String... path) {
    return ((Tree.Scalar) at(tree, path)).value();
  }

  /// What stands at `path`: keys and positions.
  static Tree at(Tree tree, String... path) {
    var at = tree;
    for (var key : path) {
      var next =
          at instanceof Tree.Sequence sequence
              ? sequence.items().get(Integer.parseInt(key))
              : ((Tree.Mapping) at).get(key);
      if (next == null) {
        throw new AssertionError("there is no " + key + " in " + at);
      }
      at = next;
    }
    return at;
  }
}
