/// Snapshots of a run that continue bit for bit: which is under way, and the files they end in.
/// Open [CheckpointCoordinator] first, then [CheckpointStore]. Chains ask and tell the coordinator
/// between two steps on their own threads; files are written on a thread of its own.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.checkpoint;
