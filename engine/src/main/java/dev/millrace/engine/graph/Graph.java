package dev.millrace.engine.graph;

import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A validated graph: acyclic, every node's config read, every edge between nodes that may have it.
/// Immutable; many pipelines may run it.
public final class Graph {
  /// Most nodes and edges of one document.
  public static final int MAX_NODES = 10_000;

  public static final int MAX_EDGES = 100_000;

  private final String name;
  private final GraphSettings settings;
  private final List<GraphNode> nodes;
  private final Map<String, GraphNode> byId = new HashMap<>();
  private final List<GraphEdge> edges;
  private final List<List<GraphEdge>> incoming;
  private final List<List<GraphEdge>> outgoing;
  private final BitSet letterTakers = new BitSet();
  private final List<GraphNode> order;
  private final List<List<GraphNode>> chains;

  Graph(
      String name,
      GraphSettings settings,
      List<GraphNode> nodes,
      List<GraphEdge> edges,
      int[] order) {
    this.name = name;
    this.settings = settings;
    this.nodes = List.copyOf(nodes);
    this.edges = List.copyOf(edges);
    nodes.forEach(node -> byId.put(node.id(), node));
    this.incoming = lists(nodes.size());
    this.outgoing = lists(nodes.size());
    for (var edge : edges) {
      incoming.get(edge.to()).add(edge);
      outgoing.get(edge.from()).add(edge);
    }
    for (var node : nodes) {
      deadLetters(node).ifPresent(taker -> letterTakers.set(taker.index()));
    }
    this.order = java.util.Arrays.stream(order).mapToObj(this.nodes::get).toList();
    this.chains = Fusing.chains(this);
  }

  /// Reads and validates a document; every problem in it goes to `problems`, and the result is
  /// empty when one is an error. They are sorted by place. Each node is constructed once for it and
  /// never opened.
  public static Optional<Graph> read(Tree document, NodeCatalogue catalogue, Problems problems) {
    var found = new Problems();
    var graph = new GraphReader(catalogue, found).read(document);
    problems.addSorted(found);
    return graph;
  }

  /// The document's own name, empty without one.
  public String name() {
    return name;
  }

  public GraphSettings settings() {
    return settings;
  }

  /// In document order.
  public List<GraphNode> nodes() {
    return nodes;
  }

  /// In document order.
  public List<GraphEdge> edges() {
    return edges;
  }

  public List<GraphEdge> incoming(GraphNode node) {
    return java.util.Collections.unmodifiableList(incoming.get(node.index()));
  }

  /// The ids of the nodes that the edges into `node` begin at, one per edge.
  public List<String> inputs(GraphNode node) {
    return incoming(node).stream().map(edge -> nodes.get(edge.from()).id()).toList();
  }

  public List<GraphEdge> outgoing(GraphNode node) {
    return java.util.Collections.unmodifiableList(outgoing.get(node.index()));
  }

  /// The node of that id.
  public Optional<GraphNode> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /// The node that gets the frames `node` failed on.
  public Optional<GraphNode> deadLetters(GraphNode node) {
    var id = node.supervision().deadLetter();
    return id == null ? Optional.empty() : find(id);
  }

  /// Whether some node's dead letters go to `node`.
  public boolean takesDeadLetters(GraphNode node) {
    return letterTakers.get(node.index());
  }

  /// Whether triggers enter the graph at `node`: a transform without an edge into it that gets no
  /// dead letters either. Besides these they enter at sources that take them.
  public boolean isEntry(GraphNode node) {
    return node.type().role() == NodeType.Role.TRANSFORM
        && incoming.get(node.index()).isEmpty()
        && !takesDeadLetters(node);
  }

  /// Every node after all that lead to it, also by dead letters; ties by place in the document.
  public List<GraphNode> order() {
    return order;
  }

  /// The nodes that run on one thread without a queue between them, each chain from its first node
  /// to its last; chains in topological order of their first nodes.
  public List<List<GraphNode>> chains() {
    return chains;
  }

  /// Nodes, edges, and which nodes share a chain, for the API.
  public ObjectNode toJson() {
    return GraphJson.of(this);
  }

  private static List<List<GraphEdge>> lists(int size) {
    var lists = new ArrayList<List<GraphEdge>>(size);
    for (int i = 0; i < size; i++) {
      lists.add(new ArrayList<>(2));
    }
    return lists;
  }
}
