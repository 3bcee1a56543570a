package dev.millrace.engine.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.signal.SignalBus;
import java.nio.file.Path;

/// What pipelines are lent by the process. `anyAbsolutePath` lets graphs name absolute paths
/// outside of the data directory: for graphs the operator wrote, not for those that came over the
/// network.
public record PipelineServices(
    Metrics metrics, SignalBus signals, Path dataDirectory, boolean anyAbsolutePath) {
  public PipelineServices {
    dataDirectory = dataDirectory.toAbsolutePath().normalize();
  }

  /// The file a graph means by `path`.
  Path resolve(String node, String path) throws ProblemException {
    var given = Path.of(path);
    var resolved = dataDirectory.resolve(given).normalize();
    if (resolved.startsWith(dataDirectory) || (given.isAbsolute() && anyAbsolutePath)) {
      return resolved;
    }
    throw new ProblemException(
        Problem.error(
            "E_PATH",
            Location.of("node " + node),
            "the path " + path + " leaves the data directory " + dataDirectory,
            "Write a path below it."));
  }
}
