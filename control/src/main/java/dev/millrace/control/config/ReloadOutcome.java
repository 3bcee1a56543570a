package dev.millrace.control.config;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.spec.TreeDiff;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What became of a reload. `generation` is always the one in force afterwards. `restartRequired`
/// are the keys whose value in the document differs from the one in force until the next start.
public sealed interface ReloadOutcome {
  long generation();

  /// The document says what it said before.
  record Unchanged(long generation, List<String> restartRequired, List<Problem> warnings)
      implements ReloadOutcome {}

  /// It is in force, but for the keys that wait for the next start. `outcome` is what the parts
  /// that follow the configuration have made of it.
  record Applied(
      long generation,
      TreeDiff diff,
      List<String> restartRequired,
      List<Problem> warnings,
      ObjectNode outcome)
      implements ReloadOutcome {}

  /// A dry run found nothing against it.
  record WouldApply(
      long generation, TreeDiff diff, List<String> restartRequired, List<Problem> warnings)
      implements ReloadOutcome {}

  /// It is wrong; what was in force still is.
  record Rejected(long generation, List<Problem> problems) implements ReloadOutcome {}
}
