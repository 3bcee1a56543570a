package dev.millrace.bench.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Starts a Millrace server on its built-in defaults, on a free port of the loopback address.
public final class MillraceProcess {
  // What the launcher starts the product with.
  private static final List<String> JVM_ARGUMENTS =
      List.of(
          "-XX:+UseZGC",
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final String MAIN_CLASS = "dev.millrace.app.Main";

  private MillraceProcess() {}

  /// The server's arguments, those of the product first, so that `more` win.
  public static List<String> jvmArguments(List<String> more) {
    var arguments = new ArrayList<>(JVM_ARGUMENTS);
    arguments.addAll(more);
    return arguments;
  }

  /// Starts one with [#jvmArguments] and waits until it serves.
  public static ServerProcess start(List<String> moreJvmArguments, Duration patience)
      throws IOException, InterruptedException {
    return ServerProcess.start(
        "millrace",
        JavaCommand.of(
            jvmArguments(moreJvmArguments),
            MAIN_CLASS,
            "run",
            "--set",
            "server.port=0",
            "--set",
            "server.data_dir=data"),
        patience);
  }
}
