package dev.millrace.engine.graph;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.util.Optional;
import java.util.Set;

/// Bytes to the tree of a graph document, which may be larger than a configuration.
public final class GraphDocument {
  private static final Set<String> SYNTAX = Set.of("E_SYNTAX", "E_DUPLICATE_KEY");

  private GraphDocument() {}

  /// The tree of `bytes`, JSON or YAML, or empty after adding what is wrong: `E_LIMIT` for one that
  /// is too large, else `E_JSON` with line and column. `source` names the document in locations.
  public static Optional<Tree> parse(String source, byte[] bytes, Problems problems) {
    int most = Documents.Limits.GRAPH.bytes();
    if (bytes.length > most) {
      problems.error(
          "E_LIMIT",
          Location.of(source).at(1, 1),
          "the document has too many bytes; at most " + most + " are read",
          "Split it into several pipelines.");
      return Optional.empty();
    }
    var found = new Problems();
    var tree = Documents.parse(source, bytes, Documents.Limits.GRAPH, found);
    for (var problem : found.all()) {
      problems.add(
          SYNTAX.contains(problem.code())
              ? Problem.error("E_JSON", problem.location(), problem.what(), problem.fix())
              : problem);
    }
    return tree;
  }
}
