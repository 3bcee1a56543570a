package dev.millrace.control.pipeline;

import dev.millrace.core.problem.Problem;
import java.util.List;
import java.util.Optional;

/// What became of a command to the set of pipelines.
sealed interface PipelineOutcome {

  /// It is so now; `applied` is false when it was before. `left` frames were discarded because a
  /// drain ran out of time. `failed` are those among several that could not start.
  record Done(boolean applied, long left, List<PipelineStatus> pipelines, List<Problem> failed)
      implements PipelineOutcome {}

  record Unknown(String name, Optional<String> suggestion) implements PipelineOutcome {}

  /// Something else is being done to the pipeline, and did not end in time.
  record Busy(String name) implements PipelineOutcome {}

  /// Its state does not allow that; `message` names both states.
  record Refused(String name, String message) implements PipelineOutcome {}

  /// All pipelines are held, so this one cannot run.
  record Held(String name) implements PipelineOutcome {}

  /// Its run could not begin.
  record NotStarted(Problem problem) implements PipelineOutcome {}
}
