package dev.millrace.bench.process;

import dev.millrace.bench.reference.EchoServer;
import dev.millrace.bench.reference.ReferenceHub;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Starts the references.
public final class ReferenceProcess {
  /// What suits servers that allocate next to nothing.
  public static final List<String> JVM_ARGUMENTS = List.of("-Xmx256m", "-XX:+UseSerialGC");

  private ReferenceProcess() {}

  /// The hub.
  public static ServerProcess start(Duration patience) throws IOException, InterruptedException {
    return start(ReferenceHub.class, patience);
  }

  /// The server that sends everything back.
  public static ServerProcess startEcho(Duration patience)
      throws IOException, InterruptedException {
    return start(EchoServer.class, patience);
  }

  private static ServerProcess start(Class<?> main, Duration patience)
      throws IOException, InterruptedException {
    return ServerProcess.start(
        "reference", JavaCommand.of(JVM_ARGUMENTS, main.getName(), List.of()), patience);
  }
}
