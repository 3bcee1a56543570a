package dev.millrace.control.pipeline;

import dev.millrace.engine.graph.Alike;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/// Pipelines that are no longer in the set and still drain, each on a virtual thread of its own.
/// Safe from any thread.
final class Leaving {
  private final List<Leaver> leavers = new CopyOnWriteArrayList<>();

  /// One of them; `gone` completes when it has been closed.
  record Leaver(String name, Graph graph, Run run, CompletableFuture<Void> gone) {

    boolean standsInTheWayOf(String newName, Graph newGraph) {
      return name.equals(newName) || Alike.shareASink(graph, newGraph);
    }
  }

  /// Has `drain` called beside the caller, and `run` closed after it.
  void send(String name, Graph graph, Run run, Runnable drain) {
    var leaver = new Leaver(name, graph, run, new CompletableFuture<>());
    leavers.add(leaver);
    Thread.ofVirtual()
        .name("millrace-leaving-" + name)
        .start(
            () -> {
              try {
                drain.run();
                run.pipeline().close();
              } finally {
                leavers.remove(leaver);
                leaver.gone().complete(null);
              }
            });
  }

  int count() {
    return leavers.size();
  }

  List<Leaver> all() {
    return List.copyOf(leavers);
  }

  /// Whether one of them still writes to where `sinks` will.
  boolean writeWhere(List<GraphNode> sinks) {
    return leavers.stream().anyMatch(leaver -> Alike.anyWritesTo(sinks, leaver.graph()));
  }

  /// Waits until nothing that leaves stands in the way of a run of `graph`.
  void makeWay(String name, Graph graph) {
    for (var leaver : leavers) {
      if (leaver.standsInTheWayOf(name, graph)) {
        leaver.gone().join();
      }
    }
  }
}
