package dev.millrace.app.server;

import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.hub.Hub;
import dev.millrace.net.EventLoops;
import org.jspecify.annotations.Nullable;

/// What nodes are lent by the process, known to the catalogue before it exists: graphs are read
/// while the configuration is, and the configuration says how the services are made.
public final class ServiceHolder {
  private final NodeCatalogue catalogue;

  // Written once before any pipeline starts.
  private volatile @Nullable EventLoops loops;
  private volatile @Nullable Hub hub;

  /// With the product's own node types.
  public ServiceHolder() {
    catalogue = Catalogue.of(this::loops, this::hub);
  }

  /// `plugins` are known to the catalogue besides.
  ///
  /// @throws ProblemException if one of them takes a name that is taken
  public ServiceHolder(Plugins plugins) throws ProblemException {
    catalogue = plugins.besides(Catalogue.of(this::loops, this::hub));
  }

  /// The catalogue whose nodes use these services.
  public NodeCatalogue catalogue() {
    return catalogue;
  }

  void provide(EventLoops newLoops, Hub newHub) {
    loops = newLoops;
    hub = newHub;
  }

  EventLoops loops() {
    return there(loops);
  }

  Hub hub() {
    return there(hub);
  }

  private static <T> T there(@Nullable T service) {
    if (service == null) {
      throw new IllegalStateException(
          "this node needs a server; run its graph as a pipeline of one, with millrace run");
    }
    return service;
  }
}
