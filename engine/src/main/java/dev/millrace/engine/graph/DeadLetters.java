package dev.millrace.engine.graph;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.engine.graph.NodeReader.Declared;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The ways of dead letters, once every node is known.
///
/// Such a way is refused in a cycle like an edge: what fails behind the node that it leads to would
/// come round again, and a full queue would wait for itself.
final class DeadLetters {
  private DeadLetters() {}

  static List<Arc> read(NodeReader nodes, Problems problems) {
    var arcs = new ArrayList<Arc>();
    for (var from : nodes.all()) {
      var id = from.supervision().deadLetter();
      if (id != null) {
        arc(from, id, nodes, problems).ifPresent(arcs::add);
      }
    }
    return arcs;
  }

  private static Optional<Arc> arc(Declared from, String id, NodeReader nodes, Problems problems) {
    var at = from.at("dead_letter");
    var to = nodes.find(id);
    if (to == null) {
      problems.add(
          Problem.error(
                  "E_UNKNOWN_NODE",
                  at,
                  "dead_letter of " + from.id() + " names " + id + ", and no node has that id",
                  nodes.suggestion(id, "Declare the node or remove the key."))
              .about(List.of(from.id())));
      return Optional.empty();
    }
    if (to.index() == from.index()) {
      problems.add(
          Problem.error(
                  "E_CYCLE",
                  at,
                  "the dead letters of this node come back to it: " + id + " -> " + id,
                  "Name another node.")
              .about(List.of(id)));
      return Optional.empty();
    }
    Ports.checkLetters(at, from, to, problems);
    return Optional.of(new Arc(from.index(), to.index(), at));
  }
}
