package dev.millrace.engine.graph;

import dev.millrace.core.problem.Location;

/// A way of frames between the nodes of two indexes, and where the document says so: an edge, or
/// the way of dead letters.
record Arc(int from, int to, Location at) {}
