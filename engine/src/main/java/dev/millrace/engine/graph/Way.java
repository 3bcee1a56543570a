package dev.millrace.engine.graph;

import dev.millrace.engine.flow.Overflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Where frames go from one node, for drawings: its edges, then its dead letters.
record Way(GraphNode to, String note, boolean letters) {

  static List<Way> from(GraphNode node, Graph graph) {
    var ways = new ArrayList<Way>();
    for (var edge : graph.outgoing(node)) {
      ways.add(new Way(graph.nodes().get(edge.to()), note(edge), false));
    }
    graph.deadLetters(node).ifPresent(to -> ways.add(new Way(to, "dead letters", true)));
    return ways;
  }

  /// What the document asks of an edge, empty for nothing.
  private static String note(GraphEdge edge) {
    var words = new ArrayList<String>();
    if (edge.branch() != null) {
      words.add(edge.branch());
    }
    if (edge.overflow() != Overflow.BLOCK) {
      words.add(edge.overflow().name().toLowerCase(Locale.ROOT));
    }
    if (edge.timeoutMillis() > 0) {
      words.add(edge.timeoutMillis() + "ms");
    }
    if (edge.ownCapacity()) {
      words.add(String.valueOf(edge.capacity()));
    }
    return String.join(" ", words);
  }

  /// `text` on one line: an id may hold anything.
  static String line(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
