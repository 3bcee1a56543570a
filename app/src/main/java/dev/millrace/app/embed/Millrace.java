package dev.millrace.app.embed;

import dev.millrace.app.cli.ExitException;
import dev.millrace.app.config.ConfigReader;
import dev.millrace.app.server.Foundation;
import dev.millrace.app.server.Server;
import dev.millrace.app.server.ServiceHolder;
import dev.millrace.core.life.Closer;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A running server inside this process. It listens, runs the pipelines of its configuration and
/// serves every client as `millrace run` does; the program publishes through [#hub] and may add
/// routes of its own.
///
/// ```java
/// try (var millrace = Millrace.builder().set("server.port", "8080").start()) {
///   millrace.hub().publish("orders", "{\"id\":7}");
/// }
/// ```
///
/// Logging is the program's own: everything here logs through SLF4J, and the section `logging` has
/// no effect. No signal handlers are set. Safe from any thread.
public final class Millrace implements AutoCloseable {
  private final Server server;
  private final Closer closer;
  private final EmbeddedHub hub;

  private Millrace(Server server, Closer closer) {
    this.server = server;
    this.closer = closer;
    this.hub = new EmbeddedHub(server.hub());
  }

  public static Builder builder() {
    return new Builder();
  }

  /// Where clients connect.
  public URI address() {
    return server.address();
  }

  /// Topics, for publishing to.
  public EmbeddedHub hub() {
    return hub;
  }

  /// Drains and closes: pipelines end, what was accepted is delivered, clients are told to come
  /// back later. Takes at most `server.drain_timeout` and `server.close_timeout`; interrupted, it
  /// closes at once. Idempotent.
  @Override
  public void close() {
    try {
      server.stop();
    } catch (InterruptedException atOnce) {
      Thread.currentThread().interrupt();
    } finally {
      closer.close();
    }
  }

  /// The server could not start; the message says what, where and how to fix it, line by line.
  public static final class NotStarted extends Exception {
    private NotStarted(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /// What to start. Not safe from several threads.
  public static final class Builder {
    private final List<String> assignments = new ArrayList<>();
    private final List<RouteContribution> routes = new ArrayList<>();
    private Map<String, String> environment = Map.of();
    private @Nullable Path file;

    private Builder() {}

    /// A configuration file, as `millrace run` takes it; without one there are the defaults.
    public Builder configuration(Path newFile) {
      file = newFile;
      return this;
    }

    /// Sets a key whatever the file says: `set("server.data_dir", "/var/lib/shop")`. The value is
    /// YAML.
    public Builder set(String key, String value) {
      assignments.add(key + "=" + value);
      return this;
    }

    /// Variables that the configuration may name, and `MILLRACE__…` ones that set keys. Without
    /// this there are none: an embedded server does not look at the process's environment.
    public Builder environment(Map<String, String> variables) {
      environment = Map.copyOf(variables);
      return this;
    }

    /// A route of the program's own on the same port: `GET`, `/hello`, and so on. `access` is who
    /// may call it once `auth` is configured; the handler runs on a virtual thread and may wait. A
    /// route `/` replaces the start page.
    public Builder route(String method, String path, Route.Access access, Route.Handler handler) {
      var route =
          new Route(method, path, access, Route.Docs.of("A route of this program."), handler);
      return routes(() -> List.of(route));
    }

    /// Routes that come with documentation.
    public Builder routes(RouteContribution contribution) {
      routes.add(contribution);
      return this;
    }

    /// Starts everything and returns once clients are served.
    ///
    /// @throws NotStarted if the configuration is wrong, the port or the data directory is in use,
    ///     or two routes are the same; nothing is left running
    public Millrace start() throws NotStarted {
      var closer = new Closer();
      boolean started = false;
      try {
        var server = started(closer);
        started = true;
        return new Millrace(server, closer);
      } catch (ExitException | IllegalArgumentException refused) {
        throw new NotStarted(String.valueOf(refused.getMessage()), refused);
      } finally {
        if (!started) {
          closer.close();
        }
      }
    }

    private Server started(Closer closer) throws ExitException, NotStarted {
      var services = new ServiceHolder();
      var input = new ConfigReader.Input(environment, assignments, Optional.empty(), false);
      var reader = new ConfigReader(services.catalogue(), file, input);
      var problems = new Problems();
      var loaded = reader.load(problems);
      if (loaded.isEmpty()) {
        throw new NotStarted(problems.toString(), null);
      }
      var foundation = closer.opened(Foundation.beside());
      var server = closer.opened(new Server(foundation, services, reader, loaded.get(), routes));
      server.start();
      return server;
    }
  }
}
