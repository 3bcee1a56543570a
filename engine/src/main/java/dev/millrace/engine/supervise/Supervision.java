package dev.millrace.engine.supervise;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import org.jspecify.annotations.Nullable;

/// What is done about a node's failures: `restart` first, `policy` last. A frame that the policy
/// decides about also goes to the node `deadLetter`, if there is one.
public record Supervision(
    ErrorPolicy policy, RestartStrategy restart, @Nullable String deadLetter) {
  public static final Supervision DEFAULT =
      new Supervision(ErrorPolicy.PROPAGATE, new RestartStrategy.Never(), null);

  /// Reads `error_policy`, `restart` and `dead_letter` of an entry of `nodes`. The first two fall
  /// back to those of `defaults`, the `pipeline_config`; what is wrong there is not told here, once
  /// per node, but by reading the `pipeline_config` itself as `node`.
  public static Supervision read(
      Tree.Mapping node, Tree.@Nullable Mapping defaults, Problems problems) {
    var given = new SupervisionReader(node, problems);
    var general =
        new SupervisionReader(
            defaults == null ? Tree.Mapping.empty(node.location()) : defaults, new Problems());
    var policy = given.policy();
    var restart = given.restart();
    return new Supervision(
        policy != null ? policy : general.policyOr(ErrorPolicy.PROPAGATE),
        restart != null ? restart : general.restartOr(new RestartStrategy.Never()),
        given.deadLetter());
  }

  /// Whether every failure is the pipeline's, so that nothing has to be done about one.
  public boolean isDefault() {
    return this.equals(DEFAULT);
  }

  /// Whether the breaker can never act, because the first failure ends the pipeline.
  public boolean breakerIsUseless() {
    return restart instanceof RestartStrategy.CircuitBreaker
        && policy instanceof ErrorPolicy.Propagate;
  }
}
