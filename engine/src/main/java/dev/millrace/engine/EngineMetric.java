package dev.millrace.engine;

import dev.millrace.core.metric.Metric;

/// What the engine counts. Labels are bounded by the graphs that run: pipelines, nodes, reasons.
public enum EngineMetric implements Metric {
  NODE_FRAMES_IN(
      "node_frames_in_total",
      Kind.COUNTER,
      "Frames a node has handled without an error.",
      "pipeline",
      "node"),
  NODE_FRAMES_OUT(
      "node_frames_out_total", Kind.COUNTER, "Frames a node has made.", "pipeline", "node"),
  NODE_ERRORS(
      "node_errors_total", Kind.COUNTER, "Calls of a node that failed.", "pipeline", "node"),
  NODE_REJECTED(
      "node_rejected_total",
      Kind.COUNTER,
      "Inputs a node refused and went on from, by reason.",
      "pipeline",
      "node",
      "reason"),
  NODE_RETRIES(
      "node_retries_total",
      Kind.COUNTER,
      "Frames that a fresh instance of a node was to handle after a failure.",
      "pipeline",
      "node"),
  NODE_RESTARTS(
      "node_restarts_total",
      Kind.COUNTER,
      "Fresh instances of a node that were opened after a failure.",
      "pipeline",
      "node"),
  NODE_SKIPPED(
      "node_skipped_total",
      Kind.COUNTER,
      "Frames a node failed on that were dropped or went on unchanged.",
      "pipeline",
      "node"),
  NODE_DEFAULTED(
      "node_defaulted_total",
      Kind.COUNTER,
      "Frames a node failed on in whose place the default went on.",
      "pipeline",
      "node"),
  NODE_CIRCUIT_REJECTED(
      "node_circuit_rejected_total",
      Kind.COUNTER,
      "Frames that were kept from a node by its open circuit.",
      "pipeline",
      "node"),
  NODE_DEAD_LETTERS(
      "node_dead_letters_total",
      Kind.COUNTER,
      "Frames that went to a node's dead-letter node.",
      "pipeline",
      "node"),
  NODE_INSTANCES(
      "node_instances",
      Kind.GAUGE,
      "Instances that share the work of a node that may have several.",
      "pipeline",
      "node"),
  NODE_LATENCY(
      "node_latency_seconds",
      Kind.SECONDS,
      "Time a node took for one batch of frames; one batch in 64 is timed.",
      "pipeline",
      "node"),
  EDGE_QUEUED_FRAMES(
      "edge_queued_frames",
      Kind.GAUGE,
      "Frames that wait between two nodes, those in hand included.",
      "pipeline",
      "from",
      "to"),
  EDGE_CAPACITY_FRAMES(
      "edge_capacity_frames",
      Kind.GAUGE,
      "Frames that may wait between two nodes before the first one stops.",
      "pipeline",
      "from",
      "to"),
  EDGE_DISCARDED_FRAMES(
      "edge_discarded_frames_total",
      Kind.COUNTER,
      "Frames thrown away because the node behind the edge had failed or was cut off.",
      "pipeline",
      "from",
      "to"),
  EDGE_DROPPED_FRAMES(
      "edge_dropped_frames_total",
      Kind.COUNTER,
      "Frames for which an edge that does not block for ever had no room, by reason.",
      "pipeline",
      "from",
      "to",
      "reason"),
  SOURCE_LATE_FRAMES(
      "source_late_frames_total",
      Kind.COUNTER,
      "Frames of a source with event time that were older than its watermark.",
      "pipeline",
      "node"),
  NODE_WATERMARK_LAG(
      "node_watermark_lag_seconds",
      Kind.GAUGE,
      "How far event time at a node is behind the clock; NaN before it is known.",
      "pipeline",
      "node"),
  TAP_MISSED_FRAMES(
      "tap_missed_frames_total",
      Kind.COUNTER,
      "Frames that taps would have shown if their readers had kept up.",
      "pipeline"),
  CHECKPOINTS(
      "checkpoints_total",
      Kind.COUNTER,
      "Checkpoints of a pipeline that were written, or failed.",
      "pipeline",
      "outcome"),
  CHECKPOINTS_SKIPPED(
      "checkpoints_skipped_total",
      Kind.COUNTER,
      "Checkpoints a start passed over, because the file was not sound or did not fit, by reason.",
      "pipeline",
      "reason"),
  CHECKPOINT_SECONDS(
      "checkpoint_seconds",
      Kind.SECONDS,
      "Time from the beginning of a checkpoint until it was on the disk.",
      "pipeline"),
  CHECKPOINT_BYTES(
      "checkpoint_bytes", Kind.GAUGE, "Size of a pipeline's newest checkpoint.", "pipeline"),
  CHECKPOINT_TIME(
      "checkpoint_time_seconds",
      Kind.GAUGE,
      "When a pipeline's newest checkpoint was made, in seconds since the Unix epoch.",
      "pipeline"),
  SAMPLES_IDLE("samples_idle", Kind.GAUGE, "Arrays of samples that wait to be lent."),
  SAMPLES_IN_USE("samples_in_use", Kind.GAUGE, "Arrays of samples that are lent."),
  SAMPLES_MADE("samples_made", Kind.GAUGE, "Arrays of samples made since the engine started."),
  PIPELINE_STATE(
      "pipeline_state",
      Kind.GAUGE,
      "1 for the state the pipeline is in, 0 for the others.",
      "pipeline",
      "state"),
  POOL_ACTIVE("pool_active", Kind.GAUGE, "Executions of a pool that run.", "pool"),
  POOL_WAITING("pool_waiting", Kind.GAUGE, "Executions of a pool that wait for a place.", "pool"),
  SCHEDULER_LATENCY(
      "scheduler_latency_seconds",
      Kind.SECONDS,
      "Time from handing work to the scheduler to its end.",
      "priority"),
  SCHEDULER_TARGET_MISSES(
      "scheduler_target_misses_total",
      Kind.COUNTER,
      "Scheduled work that took longer than its priority aims at.",
      "priority"),
  SCHEDULER_ABORTED(
      "scheduler_aborted_total",
      Kind.COUNTER,
      "Scheduled work that was given up because its deadline had passed.",
      "priority"),
  WORKERS_REPLACED(
      "workers_replaced_total",
      Kind.COUNTER,
      "Engine workers replaced because a node held them for too long.");

  @SuppressWarnings("ImmutableEnumChecker") // a declaration is immutable
  private final Declaration declaration;

  EngineMetric(String name, Kind kind, String help, String... labels) {
    declaration = Declaration.of("millrace_engine_" + name, kind, help, labels);
  }

  @Override
  public Declaration declaration() {
    return declaration;
  }
}
