package dev.millrace.engine.pipeline;

import dev.millrace.core.problem.Problem;
import java.util.List;

/// What became of a change of a running graph. Ids in the order of the documents.
public sealed interface ApplyReport {
  /// The code of a refusal that a new run would not meet.
  String NEEDS_NEW_RUN = "E_NEEDS_NEW_RUN";

  /// The code of a refusal because another change, with which it was to come about, was refused.
  String CALLED_OFF = "E_CALLED_OFF";

  /// The graph says what the one that runs says.
  record Unchanged() implements ApplyReport {}

  /// The new graph runs. `changed` nodes have fresh instances; `kept` ones did not notice.
  record Applied(List<String> kept, List<String> changed, List<String> added, List<String> removed)
      implements ApplyReport {
    public Applied {
      kept = List.copyOf(kept);
      changed = List.copyOf(changed);
      added = List.copyOf(added);
      removed = List.copyOf(removed);
    }
  }

  /// The old graph runs on, unless the pipeline is ending or has failed.
  record Refused(Problem problem) implements ApplyReport {}
}
