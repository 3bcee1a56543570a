package dev.millrace.bench.jmh;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// The command-line options that every JMH measurement shares.
public final class JmhOptions {
  // A collector without threads of its own: what is measured is the piece, and not how a concurrent
  // collector gets along with whatever else runs on the cores. On two busy cores that changes the
  // scores of everything that allocates by ten times, of yardsticks as well.
  private static final List<String> SERIAL =
      List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmn512m");

  // Without them JDK 25 warns of what JMH and native libraries do.
  private static final List<String> ALWAYS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  @Option(
      names = "--forks",
      paramLabel = "F",
      description = "JVMs per benchmark, one after the other. Default: 1.")
  int forks = 1;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      description = "Iterations before the measured ones. Default: 5.")
  int warmUp = 5;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Measured iterations. Default: 5.")
  int iterations = 5;

  @Option(
      names = "--millis",
      paramLabel = "MS",
      description = "Milliseconds of one iteration. Default: 1000.")
  int millis = 1_000;

  @Option(
      names = "--jvm",
      paramLabel = "ARG",
      description =
          "JVM arguments of the benchmarks, in place of a serial collector; repeatable. For the"
              + " product's collector: --jvm=-XX:+UseZGC --jvm=-XX:+UseCompactObjectHeaders")
  List<String> jvm = SERIAL;

  @Option(names = "--smoke", description = "One short iteration: shows that it runs, not how fast.")
  boolean smoke;

  @Option(names = "--json", description = "Print the result as JSON.")
  boolean json;

  /// Whether the result is for a machine.
  public boolean json() {
    return json;
  }

  /// Whether a quick run that shows only that everything works is asked for.
  public boolean smoke() {
    return smoke;
  }

  /// Refuses options that make no sense, in the name of `commandLine`.
  public void check(CommandLine commandLine) {
    if (!problem().isEmpty()) {
      throw new CommandLine.ParameterException(commandLine, problem());
    }
  }

  /// The arguments of a benchmark's JVM.
  List<String> jvmArguments() {
    var arguments = new ArrayList<>(ALWAYS);
    arguments.addAll(jvm);
    return arguments;
  }

  /// The problem with what was given, empty if there is none.
  private String problem() {
    if (forks < 1 || forks > 10) {
      return "--forks " + forks + " outside 1…10";
    }
    if (warmUp < 0 || warmUp > 100) {
      return "--warm-up " + warmUp + " outside 0…100";
    }
    if (iterations < 1 || iterations > 100) {
      return "--iterations " + iterations + " outside 1…100";
    }
    return millis < 10 || millis > 60_000 ? "--millis " + millis + " outside 10…60000" : "";
  }
}
