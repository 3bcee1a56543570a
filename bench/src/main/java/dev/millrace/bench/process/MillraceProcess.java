package dev.millrace.bench.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Starts a Millrace server on its built-in defaults, on a free port of the loopback address.
public final class MillraceProcess {
  // What the launcher starts the product with.
  private static final List<String> JVM_ARGUMENTS =
      List.of(
          "-XX:+UseZGC",
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");
  private static final List<String> SETTINGS = List.of("server.port=0", "server.data_dir=data");
  private static final String MAIN_CLASS = "dev.millrace.app.Main";

  private MillraceProcess() {}

  /// The server's arguments, those of the product first, so that `more` win. A collector named in
  /// `more` takes the place of the product's, because a JVM takes only one.
  public static List<String> jvmArguments(List<String> more) {
    var arguments = new ArrayList<>(JVM_ARGUMENTS);
    if (more.stream().anyMatch(COLLECTOR.asMatchPredicate())) {
      arguments.removeIf(COLLECTOR.asMatchPredicate());
    }
    arguments.addAll(more);
    return arguments;
  }

  /// Starts one with [#jvmArguments] and waits until it serves.
  ///
  /// @param settings further keys of its configuration, each as `key=value`
  public static ServerProcess start(
      List<String> moreJvmArguments, List<String> settings, Duration patience)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("run"));
    for (var setting : SETTINGS) {
      arguments.addAll(List.of("--set", setting));
    }
    for (var setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return ServerProcess.start(
        "millrace",
        JavaCommand.of(jvmArguments(moreJvmArguments), MAIN_CLASS, arguments),
        patience);
  }
}
