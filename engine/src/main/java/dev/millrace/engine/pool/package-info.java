/// Many short runs of one graph, a bounded number at a time. Open [PipelinePool] first. Its methods
/// may be called from any thread; each execution has a virtual thread of its own.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.pool;
