package dev.millrace.core.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One HTTP route: what it answers to, what it does, and what its documentation says. The route
/// table and `/openapi.json` are both made of these.
///
/// `path` may hold parameters: `/api/v1/topics/{topic}`. `access` is the least role that may call
/// it once authentication is configured. A route answers `GET` also for `HEAD`.
public record Route(String method, String path, Access access, Docs docs, Handler handler) {

  /// Who may call a route.
  public enum Access {
    PUBLIC,
    VIEWER,
    PUBLISHER,
    OPERATOR,
    ADMIN
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
