package dev.millrace.core.route;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An HTTP request whose body has been read within the limits. Header names are lower case; path
/// parameters and query values are decoded; `remoteAddress` is an IP literal; `principal` has been
/// checked against the route's role.
public record Request(
    String id,
    String method,
    String path,
    Map<String, String> pathParameters,
    Map<String, List<String>> query,
    Map<String, String> headers,
    byte[] body,
    String remoteAddress,
    Principal principal) {

  /// A path parameter that the route's pattern has.
  public String parameter(String name) {
    var value = pathParameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no parameter {" + name + "}");
    }
    return value;
  }

  /// The first value of a query parameter.
  public Optional<String> queryValue(String name) {
    var values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }
}
