package dev.millrace.app.cli;

import dev.millrace.app.server.Catalogue;
import dev.millrace.app.server.Plugins;
import dev.millrace.app.server.ServiceHolder;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.ProblemException;

/// The node types of the product and of the user's plugins, for every command that reads graphs.
public final class Extensions {
  private Extensions() {}

  /// For a server.
  public static ServiceHolder services() throws ExitException {
    try {
      return new ServiceHolder(Plugins.installed(System.getenv()));
    } catch (ProblemException unusable) {
      throw unusable(unusable);
    }
  }

  /// To read graphs with; nodes that need a server cannot be opened.
  public static NodeCatalogue catalogue() throws ExitException {
    try {
      return Plugins.installed(System.getenv()).besides(Catalogue.forChecking());
    } catch (ProblemException unusable) {
      throw unusable(unusable);
    }
  }

  private static ExitException unusable(ProblemException problem) {
    return new ExitException(
        ExitCode.BAD_CONFIGURATION, String.valueOf(problem.getMessage()), problem);
  }
}
