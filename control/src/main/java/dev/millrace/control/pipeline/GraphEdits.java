package dev.millrace.control.pipeline;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.control.command.CommandResult.Done;
import dev.millrace.control.command.CommandResult.Failed;
import dev.millrace.core.document.Documents;
import dev.millrace.core.json.Json;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.api.ProblemJson;
import dev.millrace.engine.graph.Graph;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Makes, changes and removes pipelines with graphs that come over the network. A graph is an
/// argument `graph`: the document, or its text, whose lines and columns problems then name. Safe
/// from any thread; blocks as changes of the set do.
final class GraphEdits {
  private static final String NAME = "[A-Za-z0-9_.-]{1,64}";

  private final PipelineSet set;
  private final NodeCatalogue catalogue;
  private final AtomicLong unnamed = new AtomicLong(); // numbers names; whoever makes one adds

  GraphEdits(PipelineSet set, NodeCatalogue catalogue) {
    this.set = set;
    this.catalogue = catalogue;
  }

  /// What became of reading a graph.
  private sealed interface Reading {
    record Sound(Graph graph, List<Problem> warnings) implements Reading {}

    record Broken(Failed failure) implements Reading {}
  }

  CommandResult create(CommandCall call) {
    return switch (read(call)) {
      case Reading.Broken(var failure) -> failure;
      case Reading.Sound(var graph, var warnings) -> {
        var name = text(call, "pipeline");
        if (name == null) {
          name = graph.name().isEmpty() ? freeName() : graph.name();
        }
        if (!name.matches(NAME)) {
          yield wrong(
              "pipeline",
              "a pipeline's name has letters, digits, dot, dash and underscore, at most 64; give"
                  + " this one another in the document or with ?name=");
        }
        boolean starts = "true".equals(text(call, "autostart"));
        yield create(new NamedGraph(name, graph, starts, NamedGraph.Origin.API), warnings);
      }
    };
  }

  CommandResult change(CommandCall call) {
    var name = text(call, "pipeline");
    if (name == null) {
      return wrong("pipeline", "say which pipeline to change");
    }
    return switch (read(call)) {
      case Reading.Broken(var failure) -> failure;
      case Reading.Sound(var graph, var warnings) -> {
        try {
          boolean configured = set.configured(name);
          var change = set.change(name, graph);
          var told = new ArrayList<>(warnings);
          if (configured) {
            told.add(untilReload(name));
          }
          var fields = done(name, told);
          change.ifPresent(how -> fields.set("change", how.toJson()));
          yield new Done(true, fields, PipelineChange.toJson(change.stream().toList()));
        } catch (ProblemException problem) {
          yield refused(name, problem.problem());
        }
      }
    };
  }

  CommandResult delete(CommandCall call) {
    var name = text(call, "pipeline");
    if (name == null) {
      return wrong("pipeline", "say which pipeline to delete");
    }
    try {
      set.remove(name);
      return new Done(true, Json.mapper().createObjectNode().put("applied", true).put("id", name));
    } catch (ProblemException problem) {
      return refused(name, problem.problem());
    }
  }

  private CommandResult create(NamedGraph made, List<Problem> warnings) {
    try {
      set.add(made);
      return new Done(true, done(made.name(), warnings));
    } catch (ProblemException problem) {
      return refused(made.name(), problem.problem());
    }
  }

  private Reading read(CommandCall call) {
    var given = call.arguments().get("graph");
    if (given == null || !(given.isString() || given.isObject())) {
      return new Reading.Broken(wrong("graph", "graph is a graph document"));
    }
    var bytes =
        given.isString() ? given.asString().getBytes(StandardCharsets.UTF_8) : Json.bytes(given);
    var problems = new Problems();
    var graph =
        Documents.parse("graph", bytes, Documents.Limits.GRAPH, problems)
            .flatMap(tree -> Graph.read(tree, catalogue, problems));
    if (graph.isPresent() && !problems.hasErrors()) {
      return new Reading.Sound(graph.get(), problems.all());
    }
    var errors = problems.all().stream().filter(Problem::isError).toList();
    var details = Json.mapper().createObjectNode();
    details.set("errors", ProblemJson.of(errors));
    details.set(
        "warnings", ProblemJson.of(problems.all().stream().filter(one -> !one.isError()).toList()));
    var first = errors.isEmpty() ? "" : ": " + errors.getFirst().what();
    return new Reading.Broken(
        new Failed(
            422, "BAD_GRAPH", "the graph has " + errors.size() + " errors" + first, details));
  }

  private ObjectNode done(String name, List<Problem> warnings) {
    var fields = Json.mapper().createObjectNode().put("applied", true).put("id", name);
    set.find(name).ifPresent(pipeline -> fields.put("state", pipeline.state().name()));
    fields.set("warnings", ProblemJson.of(warnings));
    return fields;
  }

  private static Problem untilReload(String name) {
    return Problem.warning(
        "W_UNTIL_RELOAD",
        Location.of("pipeline " + name),
        "the pipeline "
            + name
            + " stands in the configuration, and is what that says again when a changed"
            + " configuration is next taken over",
        "Change it there too to keep this graph.");
  }

  private CommandResult unknown(String name) {
    return PipelineCommands.unknown(name, set.suggestion(name).orElse(null));
  }

  private CommandResult refused(String name, Problem problem) {
    return switch (problem.code()) {
      case "E_UNKNOWN_PIPELINE" -> unknown(name);
      case "E_DUPLICATE_PIPELINE" -> Failed.of(409, "PIPELINE_EXISTS", problem.what());
      case "E_CONFIGURED" ->
          Failed.of(409, "CONFIGURED", problem.what() + "; remove it there and reload, or stop it");
      case "E_LIMIT" -> Failed.of(409, "TOO_MANY_PIPELINES", problem.what() + "; delete one");
      case "E_BUSY", "E_INTERRUPTED" -> Failed.of(409, "BUSY", problem.what());
      case "E_CHANGE" ->
          new Failed(
              409,
              "NOT_CHANGED",
              problem.what(),
              Json.mapper().createObjectNode().put("fix", problem.fix()));
      case "E_NOT_SERVING" -> Failed.of(503, "SHUTTING_DOWN", problem.what());
      default -> PipelineCommands.notStarted(problem);
    };
  }

  private String freeName() {
    String name;
    do {
      name = "graph-" + unnamed.incrementAndGet();
    } while (set.find(name).isPresent());
    return name;
  }

  private static @Nullable String text(CommandCall call, String key) {
    var given = call.arguments().get(key);
    return given == null || given.isNull() || given.isContainer() ? null : given.asString();
  }

  private static Failed wrong(String field, String message) {
    var details = Json.mapper().createObjectNode().put("field", field);
    return new Failed(422, "VALIDATION_FAILED", message, details);
  }
}
