package dev.millrace.engine.pipeline;

/// Where a pipeline stands. The names are part of the API.
public sealed interface PipelineState {
  record Idle() implements PipelineState {}

  record Initializing() implements PipelineState {}

  record Running() implements PipelineState {}

  record Paused() implements PipelineState {}

  /// Ended by itself or drained; `totalFrames` is what the last nodes of the graph have handled.
  record Completed(long totalFrames) implements PipelineState {}

  /// A node failed. `recoverable` says that trying again may help.
  @SuppressWarnings("AvoidCommonTypeNames") // the API calls the state so
  record Error(String message, boolean recoverable) implements PipelineState {}

  /// The name alone: `Idle`, `Running`, …
  default String name() {
    return getClass().getSimpleName();
  }

  /// Whether a pipeline in this state may go to `next`.
  default boolean mayBecome(PipelineState next) {
    return switch (this) {
      case Idle() -> next instanceof Initializing;
      case Initializing() -> next instanceof Running || next instanceof Error;
      case Running() ->
          next instanceof Paused || next instanceof Completed || next instanceof Error;
      case Paused() ->
          next instanceof Running || next instanceof Completed || next instanceof Error;
      case Completed(var frames) -> next instanceof Idle;
      case Error(var message, var recoverable) -> recoverable && next instanceof Idle;
    };
  }
}
