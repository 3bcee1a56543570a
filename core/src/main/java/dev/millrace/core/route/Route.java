package dev.millrace.core.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One HTTP route: what it answers to, what it does, and what its documentation says. The route
/// table and `/openapi.json` are both made of these.
///
/// `path` may hold parameters: `/api/v1/topics/{topic}`. `access` is the least role that may call
/// it once authentication is configured, `surface` what it is served and opened with. A route
/// answers `GET` also for `HEAD`.
public record Route(
    String method, String path, Surface surface, Access access, Docs docs, Handler handler) {

  /// A route of the surface that its path says.
  public Route(String method, String path, Access access, Docs docs, Handler handler) {
    this(method, path, Surface.of(path), access, docs, handler);
  }

  /// Who may call a route.
  public enum Access {
    /// Everybody, whatever is configured.
    PUBLIC(null),
    /// Whoever has sound credentials, and everybody where the surface is open to anonymous callers.
    /// A surface that is not for clients takes a viewer.
    CLIENT(null),
    /// Everybody on loopback, elsewhere a viewer.
    LOOPBACK_OR_VIEWER(Role.VIEWER),
    VIEWER(Role.VIEWER),
    PUBLISHER(Role.PUBLISHER),
    OPERATOR(Role.OPERATOR),
    ADMIN(Role.ADMIN);

    private final @Nullable Role role;

    Access(@Nullable Role role) {
      this.role = role;
    }

    /// The least role, or null where nobody is asked.
    public @Nullable Role role() {
      return role;
    }
  }

  /// Runs on a virtual thread; may wait, with a deadline.
  @FunctionalInterface
  public interface Handler {
    Response handle(Request request) throws Exception;
  }

  /// `requestExample` and `responseExample` are JSON, or plain text where the route speaks that.
  public record Docs(
      String summary,
      List<Parameter> parameters,
      @Nullable String requestExample,
      @Nullable String responseExample,
      List<Failure> failures) {

    public static Docs of(String summary) {
      return new Docs(summary, List.of(), null, null, List.of());
    }

    public Docs parameter(String name, String where, String what) {
      return new Docs(
          summary,
          plus(parameters, new Parameter(name, where, what)),
          requestExample,
          responseExample,
          failures);
    }

    public Docs takes(String example) {
      return new Docs(summary, parameters, example, responseExample, failures);
    }

    public Docs answers(String example) {
      return new Docs(summary, parameters, requestExample, example, failures);
    }

    public Docs fails(int status, String code, String when) {
      return new Docs(
          summary,
          parameters,
          requestExample,
          responseExample,
          plus(failures, new Failure(status, code, when)));
    }

    private static <T> List<T> plus(List<T> some, T one) {
      return java.util.stream.Stream.concat(some.stream(), java.util.stream.Stream.of(one))
          .toList();
    }
  }

  /// `where` is `path` or `query`.
  public record Parameter(String name, String where, String what) {}

  public record Failure(int status, String code, String when) {}
}
