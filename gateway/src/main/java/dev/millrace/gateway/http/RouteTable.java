package dev.millrace.gateway.http;

import dev.millrace.core.route.Route;
import java.util.ArrayList;
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
    record Handled(Route route, boolean onLoop, Map<String, String> parameters) implements Found {}

    record Socket(WebSocketEndpoint endpoint, Map<String, String> parameters) implements Found {}

    record WrongMethod(Set<String> allowed) implements Found {}

    record Nothing() implements Found {}
  }

  /// All that stands at one path.
  private record Place(
      PathPattern pattern, Map<String, Entry> methods, @Nullable WebSocketEndpoint endpoint) {}

  private record Entry(Route route, boolean onLoop) {}

  private final List<Place> places;

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
  }

  Found find(String method, String rawPath, boolean handshake) {
    for (var place : places) {
      var parameters = place.pattern.match(rawPath);
      if (parameters != null) {
        return at(place, method, parameters, handshake);
      }
    }
    return new Found.Nothing();
  }

  private static Found at(
      Place place, String method, Map<String, String> parameters, boolean handshake) {
    var endpoint = place.endpoint;
    var entry = place.methods.get(method.equals("HEAD") ? "GET" : method);
    if (endpoint != null && (handshake || entry == null)) {
      return new Found.Socket(endpoint, parameters);
    }
    if (entry != null) {
      return new Found.Handled(entry.route, entry.onLoop, parameters);
    }
    var allowed = new TreeSet<>(place.methods.keySet());
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    return new Found.WrongMethod(allowed);
  }

  private static void add(Map<String, Map<String, Entry>> methods, Route route, boolean onLoop) {
    var here = methods.computeIfAbsent(route.path(), path -> new LinkedHashMap<>());
    if (here.put(route.method(), new Entry(route, onLoop)) != null) {
      throw new IllegalArgumentException("two routes for " + route.method() + " " + route.path());
    }
  }
}
