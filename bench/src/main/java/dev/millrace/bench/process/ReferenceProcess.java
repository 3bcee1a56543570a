package dev.millrace.bench.process;

import dev.millrace.bench.reference.ReferenceHub;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Starts the reference hub.
public final class ReferenceProcess {
  /// What suits a hub that allocates next to nothing.
  public static final List<String> JVM_ARGUMENTS = List.of("-Xmx256m", "-XX:+UseSerialGC");

  private ReferenceProcess() {}

  public static ServerProcess start(Duration patience) throws IOException, InterruptedException {
    return ServerProcess.start(
        "reference", JavaCommand.of(JVM_ARGUMENTS, ReferenceHub.class.getName()), patience);
  }
}
