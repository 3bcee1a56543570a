package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadSpec;
import java.util.List;

/// A comparison to run: the same load on both sides of the contest, `rounds` times in turns. With
/// `referenceOnly`, on the reference alone. `brokerMode` is how instances of a cluster are joined.
/// `jvmArguments` are for the Millrace server.
public record FanoutPlan(
    Contest contest,
    LoadSpec load,
    int rounds,
    boolean referenceOnly,
    List<String> jvmArguments,
    String brokerMode,
    List<Goal> goals) {

  public FanoutPlan {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds " + rounds + " < 1");
    }
    if (contest == Contest.REFERENCE && load.topics() > 1) {
      throw new IllegalArgumentException("the reference has one topic, not " + load.topics());
    }
    if (referenceOnly && contest != Contest.REFERENCE) {
      throw new IllegalArgumentException("the reference alone does " + Contest.REFERENCE + " only");
    }
    jvmArguments = List.copyOf(jvmArguments);
    goals = List.copyOf(goals);
  }

  /// Beside the reference, without a goal.
  public FanoutPlan(LoadSpec load, int rounds, boolean referenceOnly, List<String> jvmArguments) {
    this(Contest.REFERENCE, load, rounds, referenceOnly, jvmArguments, "none", List.of());
  }

  /// The same with another contest, load and goal.
  FanoutPlan with(Contest newContest, LoadSpec newLoad, Goal goal) {
    return new FanoutPlan(
        newContest, newLoad, rounds, referenceOnly, jvmArguments, brokerMode, List.of(goal));
  }

  /// Between instances that are joined in that way.
  FanoutPlan joinedBy(String newBrokerMode, Goal goal) {
    return new FanoutPlan(
        Contest.CLUSTER, load, rounds, referenceOnly, jvmArguments, newBrokerMode, List.of(goal));
  }
}
