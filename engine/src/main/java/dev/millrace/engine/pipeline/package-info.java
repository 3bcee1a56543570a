/// One run of one graph: states, start in order, drain, failure, what operators see. Open
/// [Pipeline] first. Its methods may be called from any thread that may block.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.pipeline;
