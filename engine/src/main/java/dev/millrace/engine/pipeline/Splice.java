package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.EdgeQueue;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.graph.GraphNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Which chains of a run a change touches, and the change itself: once those stand still, chains of
/// other stages take the places of old ones, and chains with other neighbours are joined to them.
/// Confined to the thread that applies the change.
final class Splice {
  private final Assembly before;
  private final Assembly after;
  private final Map<List<GraphNode>, Chain> same = new HashMap<>(); // by run of the new graph
  private final Map<Chain, List<GraphNode>> oldRuns = new LinkedHashMap<>();
  private final Map<String, Chain> beginnings = new HashMap<>(); // of before, by first node
  private final Map<String, Chain> endings = new HashMap<>(); // of before, by last node
  private final Set<Chain> retired = new LinkedHashSet<>();
  private final Set<Chain> rewired = new LinkedHashSet<>();
  private final Set<Chain> emptied = new LinkedHashSet<>(); // sources first, as the next
  private final Set<Chain> feeding = new LinkedHashSet<>();
  private final Set<Chain> stopped = new LinkedHashSet<>();

  Splice(Assembly before, Assembly after) {
    this.before = before;
    this.after = after;
    for (var run : before.graph().chains()) {
      var chain = before.chain(run.getFirst());
      oldRuns.put(chain, run);
      beginnings.put(run.getFirst().id(), chain);
      endings.put(run.getLast().id(), chain);
    }
    var reused = new HashSet<Chain>();
    for (var run : after.graph().chains()) {
      var chain = sameChain(run);
      if (chain != null) {
        same.put(run, chain);
        reused.add(chain);
        if (!before.wires(old(run)).serveAs(after.wires(run))) {
          rewired.add(chain);
        }
      }
    }
    var staying = new HashSet<EdgeQueue>();
    after.links().forEach(link -> staying.add(link.channel()));
    oldRuns.forEach(
        (chain, run) -> {
          if (!reused.contains(chain)) {
            retired.add(chain);
          }
          if (retired.contains(chain) || !staying.containsAll(before.wires(run).incoming())) {
            emptied.add(chain);
          }
        });
    for (var link : before.links()) {
      if (emptied.contains(before.chain(node(before, link.to())))) {
        feeding.add(before.chain(node(before, link.from())));
      }
    }
    feeding.removeAll(emptied);
    stopped.addAll(rewired);
    stopped.removeAll(emptied);
    stopped.removeAll(feeding);
  }

  /// Chains that must stand still with nothing in them, those that feed others first.
  Set<Chain> emptied() {
    return emptied;
  }

  /// Chains that must stand still before the first of [#emptied] can be empty.
  Set<Chain> feeding() {
    return feeding;
  }

  /// Chains that must stand still in the end; until [#emptied] are empty they may have to take what
  /// comes of that.
  Set<Chain> stopped() {
    return stopped;
  }

  /// Chains whose parts are changed: they must not have ended.
  boolean anyEnded() {
    return retired.stream().anyMatch(Chain::over) || rewired.stream().anyMatch(Chain::over);
  }

  /// The stages of `chain` that are not in the new graph.
  List<Stage> leaving(Chain chain) {
    return Objects.requireNonNull(oldRuns.get(chain)).stream()
        .filter(node -> !after.staying(node.id()))
        .map(before::stage)
        .toList();
  }

  /// How many chains there will be that have yet to end, beside those that are there now.
  int growth() {
    return after.graph().chains().size() - same.size();
  }

  /// All that are touched stand still.
  ///
  /// @return the chains to be launched
  List<Chain> join() {
    var fresh = new ArrayList<Chain>();
    for (var run : after.graph().chains()) {
      var chain = same.get(run);
      if (chain == null) {
        chain = successor(run);
        fresh.add(chain);
        var wires = after.wires(run);
        chain.rewire(
            wires.incoming(),
            wires.reaching(),
            wires.timed(),
            wires.outgoing(),
            beginnings.get(run.getFirst().id()),
            endings.get(run.getLast().id()));
      } else if (rewired.contains(chain)) {
        var wires = after.wires(run);
        chain.rewire(
            wires.incoming(), wires.reaching(), wires.timed(), wires.outgoing(), chain, chain);
      }
      after.add(run, chain);
    }
    after.joinQueues();
    return fresh;
  }

  /// After the new chains have been launched.
  ///
  /// @return what completes when the instances that left are closed
  CompletableFuture<Void> retire() {
    return CompletableFuture.allOf(
        retired.stream()
            .map(chain -> chain.retire(leaving(chain)))
            .toArray(CompletableFuture[]::new));
  }

  /// Frames of `chain`, which stands still, that nobody will send.
  int lostFrames(Chain chain) {
    var last = Objects.requireNonNull(oldRuns.get(chain)).getLast();
    boolean goesOn =
        after.graph().chains().stream().anyMatch(run -> run.getLast().id().equals(last.id()));
    return !retired.contains(chain) || goesOn ? 0 : chain.unsentFrames();
  }

  /// The chain that has just the nodes of `run`; null if there is none.
  private @Nullable Chain sameChain(List<GraphNode> run) {
    var chain = beginnings.get(run.getFirst().id());
    if (chain == null || !run.stream().allMatch(after::stays)) {
      return null;
    }
    var old = Objects.requireNonNull(oldRuns.get(chain));
    boolean alike =
        ids(old).equals(ids(run))
            && before.isEntry(old.getFirst()) == after.isEntry(run.getFirst());
    return alike ? chain : null;
  }

  private List<GraphNode> old(List<GraphNode> run) {
    return run.stream().map(node -> node(before, node.id())).toList();
  }

  private Chain successor(List<GraphNode> run) {
    var first = run.getFirst();
    var begins = beginnings.get(first.id());
    if (begins == null) {
      return after.chain(run);
    }
    var old = node(before, first.id());
    boolean goesOn =
        first.isSource() == old.isSource()
            && (after.isEntry(first)
                ? before.isEntry(old)
                : first.isSource() && after.stays(first));
    return goesOn ? after.chain(run, begins) : after.chain(run);
  }

  private static GraphNode node(Assembly parts, String id) {
    return parts.graph().find(id).orElseThrow();
  }

  private static List<String> ids(List<GraphNode> run) {
    return run.stream().map(GraphNode::id).toList();
  }
}
