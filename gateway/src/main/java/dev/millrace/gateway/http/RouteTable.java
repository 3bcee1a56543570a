package dev.millrace.gateway.http;

import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.net.http.PercentCoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds the route or the endpoint of a path. Immutable.
final class RouteTable {
  /// What a request finds.
  sealed interface Found {
    record Handled(Route route, boolean onLoop, BodyRule body, Map<String, String> parameters)
        implements Found {}

    record Socket(WebSocketEndpoint endpoint, Map<String, String> parameters) implements Found {}

    record WrongMethod(Set<String> allowed) implements Found {}

    record Nothing() implements Found {}
  }

  /// All that stands at one path.
  private record Place(
      PathPattern pattern, Map<String, Entry> methods, @Nullable WebSocketEndpoint endpoint) {}

  private record Entry(Route route, boolean onLoop, BodyRule body) {}

  private final List<Place> places;
  private final int longest; // segments

  RouteTable(List<Route> onThreads, List<Route> onLoop, List<WebSocketEndpoint> endpoints) {
    var methods = new LinkedHashMap<String, Map<String, Entry>>();
    onThreads.forEach(route -> add(methods, route, false));
    onLoop.forEach(route -> add(methods, route, true));
    var sockets = new LinkedHashMap<String, WebSocketEndpoint>();
    for (var endpoint : endpoints) {
      methods.putIfAbsent(endpoint.path(), Map.of());
      if (sockets.put(endpoint.path(), endpoint) != null) {
        throw new IllegalArgumentException("two WebSocket endpoints at " + endpoint.path());
      }
    }
    var made = new ArrayList<Place>();
    methods.forEach(
        (path, entries) ->
            made.add(new Place(new PathPattern(path), Map.copyOf(entries), sockets.get(path))));
    made.sort((a, b) -> PathPattern.MOST_EXACT_FIRST.compare(a.pattern, b.pattern));
    this.places = List.copyOf(made);
    this.longest = made.stream().mapToInt(place -> place.pattern.size()).max().orElse(1);
  }

  /// What stands at `rawPath` on a listener that shows the surfaces `served`.
  Found find(String method, String rawPath, boolean handshake, Set<Surface> served) {
    var path = segments(rawPath);
    for (var place : places) {
      var parameters = place.pattern.match(path);
      if (parameters != null) {
        return at(place, method, parameters, handshake, served);
      }
    }
    return new Found.Nothing();
  }

  /// Split and decoded once, and not at all where it has more segments than any path here.
  private List<String> segments(String rawPath) {
    var parts = rawPath.split("/", longest + 1);
    return parts.length > longest
        ? List.of()
        : Arrays.stream(parts).map(part -> PercentCoding.decode(part, false)).toList();
  }

  private static Found at(
      Place place,
      String method,
      Map<String, String> parameters,
      boolean handshake,
      Set<Surface> served) {
    var endpoint =
        place.endpoint != null && served.contains(place.endpoint.surface()) ? place.endpoint : null;
    boolean reading = method.equals("GET") || method.equals("HEAD");
    var entry = place.methods.get(method.equals("HEAD") ? "GET" : method);
    // What says that the process lives is there on every listener.
    if (entry != null && !entry.onLoop && !served.contains(entry.route.surface())) {
      entry = null;
    }
    if (endpoint != null && (handshake || (entry == null && reading))) {
      return new Found.Socket(endpoint, parameters);
    }
    if (entry != null) {
      return new Found.Handled(entry.route, entry.onLoop, entry.body, parameters);
    }
    var allowed = allowed(place, endpoint != null, served);
    return allowed.isEmpty() ? new Found.Nothing() : new Found.WrongMethod(allowed);
  }

  private static Set<String> allowed(Place place, boolean socket, Set<Surface> served) {
    var allowed = new TreeSet<String>();
    place.methods.forEach(
        (method, entry) -> {
          if (served.contains(entry.route.surface())) {
            allowed.add(method);
          }
        });
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    if (socket) {
      allowed.add("GET");
    }
    if (!allowed.isEmpty()) {
      allowed.add("OPTIONS");
    }
    return allowed;
  }

  private static void add(Map<String, Map<String, Entry>> methods, Route route, boolean onLoop) {
    var here = methods.computeIfAbsent(route.path(), path -> new LinkedHashMap<>());
    if (here.put(route.method(), new Entry(route, onLoop, BodyRule.of(route))) != null) {
      throw new IllegalArgumentException("two routes for " + route.method() + " " + route.path());
    }
  }
}
