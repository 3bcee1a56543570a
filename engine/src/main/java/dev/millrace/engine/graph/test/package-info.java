/// Tests of a graph that stand in its document or beside it: which frames go in, and what is
/// expected of the nodes. Pure functions; whoever can run a graph brings a [GraphRunner]. Open
/// [GraphTests] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.graph.test;
