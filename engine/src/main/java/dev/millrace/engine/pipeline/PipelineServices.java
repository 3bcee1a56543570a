package dev.millrace.engine.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.signal.SignalBus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// What pipelines are lent by the process. `anyAbsolutePath` lets graphs name absolute paths
/// outside of the data directory: for graphs the operator wrote, not for those that came over the
/// network.
public record PipelineServices(
    Metrics metrics, SignalBus signals, Path dataDirectory, boolean anyAbsolutePath) {
  public PipelineServices {
    dataDirectory = dataDirectory.toAbsolutePath().normalize();
  }

  /// The file a graph means by `path`. Links lead out of the data directory where absolute paths
  /// may.
  Path resolve(String node, String path) throws ProblemException {
    return resolve(Location.of("node " + node), path);
  }

  Path resolve(Location by, String path) throws ProblemException {
    Path given;
    try {
      given = Path.of(path);
    } catch (InvalidPathException broken) {
      throw refused(by, "the path is none: " + broken.getMessage(), "Write the path of a file.");
    }
    var resolved = dataDirectory.resolve(given).normalize();
    if (given.isAbsolute() && anyAbsolutePath) {
      return resolved;
    }
    if (resolved.equals(dataDirectory)) {
      throw refused(
          by,
          "the path \"" + path + "\" is the data directory " + dataDirectory + " itself",
          "Write the name of a file below it.");
    }
    if (!resolved.startsWith(dataDirectory)) {
      throw refused(
          by,
          "the path " + path + " leaves the data directory " + dataDirectory,
          "Write a path below it.");
    }
    if (!anyAbsolutePath && followsLinkOut(resolved)) {
      throw refused(
          by,
          "the path " + path + " leaves the data directory " + dataDirectory + " by a link",
          "Write a path without links.");
    }
    return resolved;
  }

  /// Whether a link on the way leads out of the data directory, or nowhere: a file that is made
  /// behind such a one may be anywhere.
  private boolean followsLinkOut(Path resolved) {
    var at = dataDirectory;
    for (var name : dataDirectory.relativize(resolved)) {
      at = at.resolve(name);
      if (Files.isSymbolicLink(at)) {
        try {
          if (!at.toRealPath().startsWith(dataDirectory.toRealPath())) {
            return true;
          }
        } catch (IOException leadsNowhere) {
          return true;
        }
      }
    }
    return false;
  }

  private static ProblemException refused(Location by, String what, String fix) {
    return new ProblemException(Problem.error("E_PATH", by, what, fix));
  }
}
