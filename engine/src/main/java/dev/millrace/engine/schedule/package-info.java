/// Who runs when: bounded turns of cooperative tasks on a few shared workers, or on a thread of
/// their own; and [PipelineScheduler], for whole pieces of work. Open [EngineRuntime] first, then
/// [Task]. Nothing here knows frames or graphs.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.schedule;
