package dev.millrace.engine.api;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/// Problems of a graph as the API lists them: `[{code, pointer, nodes, message, hint, line,
/// column}]`. `pointer` is a JSON Pointer into the document; line and column count from 1.
public final class ProblemJson {
  private ProblemJson() {}

  public static ArrayNode of(List<Problem> problems) {
    var list = Json.mapper().createArrayNode();
    for (var problem : problems) {
      var at = problem.location();
      var json = list.addObject().put("code", problem.code()).put("pointer", at.pointer());
      var nodes = json.putArray("nodes");
      problem.nodes().forEach(nodes::add);
      json.put("message", problem.what())
          .put("hint", problem.fix())
          .put("line", at.line())
          .put("column", at.column());
    }
    return list;
  }
}
