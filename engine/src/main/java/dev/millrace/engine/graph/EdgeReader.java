package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.flow.Overflow;
import dev.millrace.engine.graph.NodeReader.Declared;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the entries of `connections` (or `edges`) and checks that each joins nodes that may have
/// it.
final class EdgeReader {
  private static final List<String> VALUES =
      List.of("capacity", "strategy", "timeout_ms", "branch");

  // From id on: what editors keep beside an edge; read by them, not by us.
  private static final List<String> KEYS =
      List.of(
          "from",
          "to",
          "source",
          "target",
          "capacity",
          "strategy",
          "timeout_ms",
          "branch",
          "id",
          "sourceHandle",
          "targetHandle",
          "position",
          "data",
          "label");

  private final NodeReader nodes;
  private final int defaultCapacity;
  private final Problems problems;
  private final List<GraphEdge> edges = new ArrayList<>();
  private final List<Arc> arcs = new ArrayList<>();
  private final Set<Pair> seen = new HashSet<>();

  private record Pair(int from, int to, String branch) {}

  /// The keys of an edge that are values, not ends.
  record EdgeSettings(
      @About("Frames this edge may hold.") @Range(min = 1, max = 1_048_576)
          @Nullable Integer capacity,
      @About("What becomes of frames for which the edge has no room.") @Default("block")
          Overflow strategy,
      @About("How long a blocking edge may be full before it drops; 0 is for ever.")
          @Default("0")
          @Range(min = 0, max = 86_400_000)
          int timeoutMs,
      @About("The only branch of the node in front that goes this way.") @Nullable Tree branch) {
    static final EdgeSettings DEFAULT = new EdgeSettings(null, Overflow.BLOCK, 0, null);

    EdgeSettings {
      if (timeoutMs > 0 && strategy != Overflow.BLOCK) {
        throw new IllegalArgumentException(
            "timeout_ms is for an edge that blocks; this one drops at once");
      }
    }
  }

  EdgeReader(NodeReader nodes, int defaultCapacity, Problems problems) {
    this.nodes = nodes;
    this.defaultCapacity = defaultCapacity;
    this.problems = problems;
  }

  List<GraphEdge> edges() {
    return edges;
  }

  /// The edges, in the same order, and where each stands.
  List<Arc> arcs() {
    return arcs;
  }

  void read(Tree tree) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      problems.error(
          "E_EDGE",
          tree.location(),
          "a connection is a mapping with from and to, not " + tree.describe(),
          null);
      return;
    }
    var own = new Problems();
    var fields = new Fields(mapping, own);
    fields.warnBeyond(KEYS);
    var fromId = fields.text("E_EDGE", "Connection missing from", "from", "source");
    var toId = fields.text("E_EDGE", "Connection missing to", "to", "target");
    var settings = settings(mapping, own);
    var branch = settings.branch() == null ? null : branch(settings.branch(), own);
    var ids = new ArrayList<String>();
    var from = fromId == null ? null : end(fields, fromId, ids, "from", "source");
    var to = toId == null ? null : end(fields, toId, ids, "to", "target");
    if (from != null && to != null) {
      join(mapping, from, to, settings, branch, own);
    }
    own.all().forEach(found -> problems.add(found.nodes().isEmpty() ? found.about(ids) : found));
  }

  private void join(
      Tree.Mapping mapping,
      Declared from,
      Declared to,
      EdgeSettings settings,
      @Nullable String branch,
      Problems own) {
    var at = mapping.location();
    if (from.index() == to.index()) {
      own.add(
          Problem.error(
                  "E_CYCLE",
                  at,
                  "this node feeds itself: " + from.id() + " -> " + from.id(),
                  "Remove the connection; a graph has no cycles.")
              .about(List.of(from.id())));
      return;
    }
    Ports.check(at, from, to, own);
    if (!seen.add(new Pair(from.index(), to.index(), branch == null ? "" : branch))) {
      own.warning(
          "W_DUP_EDGE",
          at,
          from.id() + " -> " + to.id() + " stands here before; each frame arrives once per edge",
          "Remove one.");
    }
    unknownBranch(at, from, branch, own);
    var capacity = settings.capacity();
    arcs.add(new Arc(from.index(), to.index(), at));
    edges.add(
        new GraphEdge(
            from.index(),
            to.index(),
            capacity == null ? defaultCapacity : capacity,
            capacity != null,
            settings.strategy(),
            settings.timeoutMs(),
            branch));
  }

  private static void unknownBranch(
      Location at, Declared from, @Nullable String branch, Problems own) {
    var type = from.type();
    var known = type == null ? List.<String>of() : type.branches();
    if (branch != null && !known.isEmpty() && !known.contains(branch)) {
      own.warning(
          "W_BRANCH",
          at,
          "nothing will come this way: " + from.id() + " emits for the branches " + known,
          "Name one of them, or remove the key branch to get all frames.");
    }
  }

  private @Nullable Declared end(
      Fields fields, String id, List<String> ids, String name, String alias) {
    ids.add(id);
    var node = nodes.find(id);
    if (node == null) {
      fields
          .problems()
          .error(
              "E_UNKNOWN_NODE",
              fields.at(name, alias),
              "the " + name + " end names " + id + ", and no node has that id",
              nodes.suggestion(id, "Declare the node or remove the connection."));
    }
    return node;
  }

  private static EdgeSettings settings(Tree.Mapping mapping, Problems own) {
    var given = NodeKeys.only(mapping, VALUES);
    return given == null
        ? EdgeSettings.DEFAULT
        : Spec.of(EdgeSettings.class).read(given, own).orElse(EdgeSettings.DEFAULT);
  }

  private static @Nullable String branch(Tree given, Problems own) {
    var name = NodeKeys.text(given, "branch", own);
    return name.isEmpty() ? null : name;
  }
}
