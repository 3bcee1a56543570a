/// One run of one graph: states, start in order, triggers, pause, drain, failure, what operators
/// see; and [OneShot], which runs a graph on its caller's thread. Open [Pipeline] first. Its
/// methods may be called from any thread that may block.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.pipeline;
