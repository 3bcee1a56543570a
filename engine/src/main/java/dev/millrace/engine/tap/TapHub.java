package dev.millrace.engine.tap;

import dev.millrace.core.time.Clock;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The taps of one pipeline and the places they may look at. Places go by name, so a tap finds them
/// again when parts of the pipeline are built anew. Safe from any thread; nothing that runs waits
/// for it.
public final class TapHub implements AutoCloseable {
  /// Most taps that are open at once.
  public static final int MAX_TAPS = 64;

  private final Clock clock;
  private final CounterDataPoint missedMetric;

  // All guarded by this.
  private final Map<String, TapPoint> points = new HashMap<>();
  private final List<Tap> taps = new ArrayList<>();
  private Map<String, List<TapEdge>> nodes = Map.of();
  private boolean closed;

  public TapHub(Clock clock, CounterDataPoint missedMetric) {
    this.clock = clock;
    this.missedMetric = missedMetric;
  }

  /// From now on these are the nodes, and where their frames go. Points of nodes that stay are the
  /// same as before.
  public synchronized void rebuild(Map<String, List<TapEdge>> newNodes) {
    nodes = Map.copyOf(newNodes);
    points.keySet().retainAll(nodes.keySet());
    nodes.keySet().forEach(node -> points.computeIfAbsent(node, TapPoint::new));
    attach();
  }

  /// The place of a node.
  public synchronized TapPoint point(String node) {
    var point = points.get(node);
    if (point == null) {
      throw new IllegalArgumentException("there is no node " + node + " to tap");
    }
    return point;
  }

  /// A tap on whatever matches, now and after every [#rebuild].
  ///
  /// @throws IllegalStateException if too many are open
  public synchronized Tap open(TapPattern pattern, TapOptions options) {
    if (taps.size() == MAX_TAPS) {
      throw new IllegalStateException(MAX_TAPS + " taps are open on this pipeline; close one");
    }
    var tap = new Tap(this, pattern, options, clock, missedMetric);
    if (closed) {
      tap.end();
    } else {
      taps.add(tap);
      attach();
    }
    return tap;
  }

  /// Ends all taps; further ones end at once.
  @Override
  public synchronized void close() {
    closed = true;
    taps.forEach(Tap::end);
    taps.clear();
    attach();
  }

  synchronized void remove(Tap tap) {
    if (taps.remove(tap)) {
      attach();
    }
  }

  synchronized List<String> places(TapPattern pattern) {
    var places = new TreeSet<String>();
    nodes.forEach(
        (node, edges) -> {
          if (pattern.matchesNode(node)) {
            places.add(node);
          }
          for (var edge : edges) {
            if (pattern.matchesEdge(node, edge.to())) {
              places.add(node + "->" + edge.to());
            }
          }
        });
    return List.copyOf(places);
  }

  private void attach() {
    points.forEach(
        (node, point) -> {
          var watches = new ArrayList<TapPoint.Watch>();
          for (var tap : taps) {
            if (tap.pattern().matchesNode(node)) {
              watches.add(point.watchOf(tap, null));
            }
            for (var edge : nodes.getOrDefault(node, List.of())) {
              if (tap.pattern().matchesEdge(node, edge.to())) {
                watches.add(point.watchOf(tap, edge));
              }
            }
          }
          point.watch(watches);
        });
  }
}
