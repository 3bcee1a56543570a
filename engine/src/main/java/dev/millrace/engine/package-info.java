/// Runs graphs: a document becomes a validated `graph`, the graph becomes chains of fused nodes
/// joined by bounded channels (`flow`), and a `pipeline` runs them on a few shared workers
/// (`schedule`). Open `pipeline.Pipeline` first. [EngineMetric] names everything that is counted.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine;
