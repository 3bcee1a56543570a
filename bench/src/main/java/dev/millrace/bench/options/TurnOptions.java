package dev.millrace.bench.options;

import java.util.List;
import picocli.CommandLine.Option;

/// The options of a measurement in which Millrace and something else take turns.
public final class TurnOptions {
  private static final int MAX_ROUNDS = 100;

  @Option(
      names = "--rounds",
      paramLabel = "R",
      description = "How often the two take turns. Default: 3.")
  private int rounds = 3;

  @Option(
      names = "--jvm",
      paramLabel = "ARG",
      description = "A JVM argument for the Millrace server; repeatable.")
  private List<String> jvmArguments = List.of();

  @Option(names = "--bars", description = "Fail when a figure misses its bar.")
  private boolean bars;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  public TurnOptions() {}

  /// How often each has its turn, 1 to 100.
  ///
  /// @throws IllegalArgumentException if another number was given
  public int rounds() {
    if (rounds < 1 || rounds > MAX_ROUNDS) {
      throw new IllegalArgumentException("--rounds " + rounds + " outside 1…" + MAX_ROUNDS);
    }
    return rounds;
  }

  public List<String> jvmArguments() {
    return jvmArguments;
  }

  /// Whether a figure that misses its bar is a failure.
  public boolean bars() {
    return bars;
  }

  /// Whether the result is for a machine.
  public boolean json() {
    return json;
  }
}
