package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Extensions;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.engine.graph.PaletteJson;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `millrace graph nodes`: the node types there are, or the keys of one.
@Command(
    name = "nodes",
    description = "Lists the node types, or the keys of one.",
    footer = {"", "Example: millrace graph nodes Gain"})
final class GraphNodes implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "One node type.")
  private @Nullable String name;

  @Option(names = "--json", description = "Prints what editors read.")
  private boolean json;

  @Override
  public Integer call() throws ExitException {
    var catalogue = Extensions.catalogue();
    var type = name == null ? null : one(catalogue);
    var palette =
        PaletteJson.of(type == null ? catalogue : new NodeCatalogue(java.util.List.of(type)));
    var out = spec.commandLine().getOut();
    if (json) {
      out.println((type == null ? palette : palette.get(0)).toPrettyString());
    } else if (type == null) {
      list(palette, out);
    } else {
      describe(palette.get(0), type, out);
    }
    return ExitCode.OK.code();
  }

  private NodeType<?> one(NodeCatalogue catalogue) throws ExitException {
    var wanted = String.valueOf(name);
    var found = catalogue.find(wanted);
    if (found.isPresent()) {
      return found.get();
    }
    throw new ExitException(
        ExitCode.USAGE,
        "error: there is no node type "
            + wanted
            + "\n    fix "
            + Suggestion.closest(wanted, catalogue.names())
                .map(near -> "Did you mean " + near + "?")
                .orElse("millrace graph nodes lists them all."));
  }

  /// By category, in the order of their first types.
  private static void list(JsonNode palette, PrintWriter out) {
    int width = width(palette, "type");
    var categories = new java.util.LinkedHashSet<String>();
    palette.forEach(type -> categories.add(type.path("category").asString()));
    for (var category : categories) {
      out.println(category);
      for (var type : palette) {
        if (type.path("category").asString().equals(category)) {
          out.println(
              "  " + padded(type, "type", width) + "  " + type.path("description").asString());
        }
      }
    }
  }

  private static void describe(JsonNode type, NodeType<?> declared, PrintWriter out) {
    out.println(type.path("type").asString() + " (" + type.path("category").asString() + ")");
    out.println("  " + type.path("description").asString());
    ports("takes", type.path("inputs"), out);
    ports("gives", type.path("outputs"), out);
    var keys = type.path("parameters");
    out.println(keys.isEmpty() ? "  no keys" : "  keys");
    int width = width(keys, "name");
    int types = width(keys, "type");
    for (int i = 0; i < keys.size(); i++) {
      var key = keys.get(i);
      out.println(
          "    "
              + padded(key, "name", width)
              + "  "
              + padded(key, "type", types)
              + "  "
              + key.path("description").asString()
              + bounds(key, declared.spec().keys().get(i).hint() != null));
    }
  }

  private static void ports(String verb, JsonNode ports, PrintWriter out) {
    ports.forEach(port -> out.println("  " + verb + " " + port.path("data_type").asString()));
  }

  /// In brackets what is allowed, or where others are taken as well what is usual.
  private static String bounds(JsonNode key, boolean hinted) {
    var said = new java.util.ArrayList<String>();
    if (key.path("required").asBoolean()) {
      said.add("required");
    }
    if (key.has("default")) {
      said.add("default " + text(key.path("default")));
    }
    if (key.has("values")) {
      var values = new java.util.ArrayList<String>();
      key.path("values").forEach(value -> values.add(text(value)));
      said.add("one of " + String.join(", ", values));
    }
    var range =
        (key.has("min") ? " from " + text(key.path("min")) : "")
            + (key.has("max") ? " up to " + text(key.path("max")) : "");
    if (!range.isEmpty()) {
      said.add(hinted ? "usually" + range : range.strip());
    }
    return said.isEmpty() ? "" : " (" + String.join("; ", said) + ")";
  }

  private static String text(JsonNode value) {
    return value.isString() && !value.asString().isEmpty() ? value.asString() : value.toString();
  }

  private static int width(JsonNode rows, String column) {
    int width = 0;
    for (var row : rows) {
      width = Math.max(width, row.path(column).asString().length());
    }
    return width;
  }

  private static String padded(JsonNode row, String column, int width) {
    var text = row.path(column).asString();
    return text + " ".repeat(width - text.length());
  }
}
