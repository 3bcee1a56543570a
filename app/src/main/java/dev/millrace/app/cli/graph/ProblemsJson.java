package dev.millrace.app.cli.graph;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import tools.jackson.databind.node.ObjectNode;

/// What is wrong, for programs: `{"ok", "errors": [{code, file, line, column, pointer, nodes,
/// message, hint}], "warnings": […]}`.
final class ProblemsJson {
  private ProblemsJson() {}

  static ObjectNode of(Problems problems) {
    var json = Json.mapper().createObjectNode().put("ok", !problems.hasErrors());
    var errors = json.putArray("errors");
    var warnings = json.putArray("warnings");
    for (var problem : problems.all()) {
      (problem.isError() ? errors : warnings).add(of(problem));
    }
    return json;
  }

  private static ObjectNode of(Problem problem) {
    var at = problem.location();
    var json = Json.mapper().createObjectNode();
    json.put("code", problem.code()).put("file", at.source());
    json.put("line", at.line()).put("column", at.column()).put("pointer", at.pointer());
    var nodes = json.putArray("nodes");
    problem.nodes().forEach(nodes::add);
    json.put("message", problem.what());
    if (problem.fix() != null) {
      json.put("hint", problem.fix());
    }
    return json;
  }
}
