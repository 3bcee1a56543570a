/// From a document to a validated graph, and from the graph to the chains that run it. Pure
/// functions of the document and the node catalogue; no thread. Open [Graph] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.graph;
