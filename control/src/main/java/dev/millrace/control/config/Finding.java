package dev.millrace.control.config;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A problem of the configuration for programs. `path` is a JSON Pointer, `source` the file or
/// option it stands in; line and column count from 1 and are 0 where there are no lines.
/// `nodes` are the nodes of a graph that it is about.
public record Finding(
    String code,
    String path,
    int line,
    int column,
    String message,
    @Nullable String fix,
    String source,
    List<String> nodes) {

  static List<Finding> all(List<Problem> problems) {
    return problems.stream().map(Finding::of).toList();
  }

  static ArrayNode json(List<Problem> problems) {
    var array = Json.mapper().createArrayNode();
    all(problems).forEach(finding -> array.add(finding.json()));
    return array;
  }

  private static Finding of(Problem problem) {
    var at = problem.location();
    return new Finding(
        problem.code(),
        at.pointer(),
        at.line(),
        at.column(),
        problem.what(),
        problem.fix(),
        at.source(),
        problem.nodes());
  }

  private ObjectNode json() {
    var json =
        Json.mapper()
            .createObjectNode()
            .put("code", code)
            .put("path", path)
            .put("line", line)
            .put("column", column)
            .put("message", message)
            .put("fix", fix)
            .put("source", source);
    if (!nodes.isEmpty()) {
      var ids = json.putArray("nodes");
      nodes.forEach(ids::add);
    }
    return json;
  }
}
