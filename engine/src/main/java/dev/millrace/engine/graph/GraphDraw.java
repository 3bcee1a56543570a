package dev.millrace.engine.graph;

import dev.millrace.core.node.NodeType;
import java.util.ArrayDeque;
import java.util.Deque;

/// Draws a graph: as text for terminals, and in the languages of Mermaid and Graphviz.
public final class GraphDraw {
  // A branch within a branch is drawn further right; deeper ones begin at the left again.
  private static final int MAX_DEPTH = 24;

  private GraphDraw() {}

  /// One line of the text: `lead` stands before the node, `indent` before what comes after it.
  private record Line(GraphNode node, String lead, String indent, String note, int depth) {}

  /// A line per node under the one that leads to it. What comes behind a single way stands at the
  /// same depth; a node that several lead to is drawn once, and named where it comes up again.
  public static String text(Graph graph) {
    var text = new StringBuilder();
    var drawn = new boolean[graph.nodes().size()];
    var later = new ArrayDeque<GraphNode>();
    for (var node : graph.order()) {
      if (graph.incoming(node).isEmpty() && !graph.takesDeadLetters(node)) {
        later.add(node);
      }
    }
    for (var root = later.poll(); root != null; root = later.poll()) {
      if (!drawn[root.index()]) {
        tree(root, graph, drawn, later, text);
      }
    }
    return text.toString();
  }

  private static void tree(
      GraphNode root, Graph graph, boolean[] drawn, Deque<GraphNode> later, StringBuilder text) {
    var lines = new ArrayDeque<Line>();
    lines.push(new Line(root, "", "", "", 0));
    while (!lines.isEmpty()) {
      var line = lines.pop();
      var node = line.node();
      text.append(line.lead());
      if (!line.note().isEmpty()) {
        text.append('[').append(Way.line(line.note())).append("] ");
      }
      text.append(Way.line(node.id()));
      if (drawn[node.index()]) {
        text.append(" (above)\n");
      } else if (line.depth() > MAX_DEPTH) {
        text.append(" (below)\n");
        later.add(node);
      } else {
        drawn[node.index()] = true;
        text.append(" (").append(node.type().name()).append(")\n");
        push(line, graph, lines);
      }
    }
  }

  private static void push(Line line, Graph graph, Deque<Line> lines) {
    var ways = Way.from(line.node(), graph);
    for (int i = ways.size() - 1; i >= 0; i--) {
      var way = ways.get(i);
      boolean last = i == ways.size() - 1;
      var indent = line.indent();
      lines.push(
          ways.size() == 1
              ? new Line(way.to(), indent + "↓ ", indent, way.note(), line.depth())
              : new Line(
                  way.to(),
                  indent + (last ? "└─> " : "├─> "),
                  indent + (last ? "    " : "│   "),
                  way.note(),
                  line.depth() + 1));
    }
  }

  /// A Mermaid flowchart: sources round, sinks as stores, dead letters dotted.
  public static String mermaid(Graph graph) {
    var text = new StringBuilder("flowchart LR\n");
    for (var node : graph.nodes()) {
      var label = "\"" + mermaid(node.id()) + "<br/>" + mermaid(node.type().name()) + "\"";
      text.append("  n").append(node.index());
      text.append(
          switch (node.type().role()) {
            case SOURCE -> "([" + label + "])";
            case SINK -> "[(" + label + ")]";
            case TRANSFORM -> "[" + label + "]";
          });
      text.append('\n');
    }
    for (var node : graph.nodes()) {
      for (var way : Way.from(node, graph)) {
        text.append("  n").append(node.index()).append(way.letters() ? " -.->" : " -->");
        if (!way.note().isEmpty()) {
          text.append("|\"").append(mermaid(way.note())).append("\"|");
        }
        text.append(" n").append(way.to().index()).append('\n');
      }
    }
    return text.toString();
  }

  /// A Graphviz digraph: sources round, sinks as stores, dead letters dashed.
  public static String dot(Graph graph) {
    var text = new StringBuilder("digraph \"").append(dot(graph.name())).append("\" {\n");
    text.append("  rankdir=LR;\n");
    for (var node : graph.nodes()) {
      text.append("  n").append(node.index()).append(" [shape=").append(shape(node));
      text.append(", label=\"").append(dot(node.id())).append("\\n");
      text.append(dot(node.type().name())).append("\"];\n");
    }
    for (var node : graph.nodes()) {
      for (var way : Way.from(node, graph)) {
        text.append("  n").append(node.index()).append(" -> n").append(way.to().index());
        text.append(" [label=\"").append(dot(way.note())).append('"');
        text.append(way.letters() ? ", style=dashed];\n" : "];\n");
      }
    }
    return text.append("}\n").toString();
  }

  private static String shape(GraphNode node) {
    return node.type().role() == NodeType.Role.SOURCE
        ? "ellipse"
        : node.type().role() == NodeType.Role.SINK ? "cylinder" : "box";
  }

  private static String mermaid(String text) {
    return Way.line(text)
        .replace("#", "#35;")
        .replace("\"", "#quot;")
        .replace("<", "#lt;")
        .replace(">", "#gt;");
  }

  private static String dot(String text) {
    return Way.line(text).replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
