package dev.millrace.engine.graph;

/// An edge between the nodes of two indexes. `ownCapacity` says that the document gives this edge a
/// capacity of its own, which keeps it from being fused.
public record GraphEdge(int from, int to, int capacity, boolean ownCapacity) {}
