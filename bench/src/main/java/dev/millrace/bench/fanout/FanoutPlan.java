package dev.millrace.bench.fanout;

import dev.millrace.bench.load.LoadSpec;
import java.util.List;

/// A comparison to run: the same load on both servers, `rounds` times in turns. With
/// `referenceOnly`, on the reference alone. `jvmArguments` are for the Millrace server.
public record FanoutPlan(
    LoadSpec load, int rounds, boolean referenceOnly, List<String> jvmArguments) {

  public FanoutPlan {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds " + rounds + " < 1");
    }
    jvmArguments = List.copyOf(jvmArguments);
  }
}
