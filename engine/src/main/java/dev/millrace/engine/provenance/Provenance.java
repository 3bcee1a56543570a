package dev.millrace.engine.provenance;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.provenance.ProvenanceEvent.Kind;
import dev.millrace.engine.tap.TapEdge;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What happened to the traced frames of one pipeline, the latest [#MOST_EVENTS] events, and copies
/// of what nodes made of them. Nothing here is asked about a frame that bears no trace id. Safe
/// from any thread: a lock is held for a few instructions per event.
public final class Provenance {
  /// At some five events a frame, the last thousand traced frames or so of a small graph.
  public static final int MOST_EVENTS = 4_096;

  private static final int NAMED_EDGES = 8; // of a fork, by name
  private static final int LONGEST_WHY = 500;

  private final Clock clock;
  private final LongSupplier mostBytes;

  // Where the frames of each node go; replaced as a whole when the graph changes.
  private volatile Map<String, List<TapEdge>> nodes = Map.of();

  // Both guarded by this.
  private final ArrayDeque<ProvenanceEvent> events = new ArrayDeque<>();
  private final KeptFrames kept = new KeptFrames();

  /// Copies of frames take `mostBytes` at most; asked at each frame.
  public Provenance(Clock clock, LongSupplier mostBytes) {
    this.clock = clock;
    this.mostBytes = mostBytes;
  }

  /// From now on these are the nodes, and where their frames go.
  public void rebuild(Map<String, List<TapEdge>> newNodes) {
    nodes = Map.copyOf(newNodes);
  }

  /// A source made the frame, or it came from outside.
  public void created(String node, String trace, Frame frame, @Nullable String branch) {
    add(Kind.CREATED, trace, frame, node, null, 1, null);
    made(node, trace, frame, branch);
  }

  /// The node has handled `frame` and made `made[from..to)` of it, each for the branch at the same
  /// index, if for any.
  public void processed(
      String node,
      String trace,
      Frame frame,
      Frame[] made,
      @Nullable String @Nullable [] branches,
      int from,
      int to) {
    boolean last = nodes.getOrDefault(node, List.of()).isEmpty();
    add(last ? Kind.DELIVERED : Kind.PROCESSED, trace, frame, node, null, to - from, null);
    for (int i = from; i < to && !last; i++) {
      made(node, trace, made[i], branches == null ? null : branches[i]);
    }
  }

  /// The node failed on the frame, and another went on in its place.
  public void replaced(String node, String trace, Frame frame, String why) {
    add(Kind.PROCESSED, trace, frame, node, null, 1, why);
  }

  /// The frame is gone: at the node, or on the edge from there to `edgeTo`.
  public void dropped(String node, @Nullable String edgeTo, String trace, Frame frame, String why) {
    add(Kind.DROPPED, trace, frame, node, edgeTo, 0, why);
  }

  public void deadLettered(String node, String trace, Frame frame, String why) {
    add(Kind.DEAD_LETTERED, trace, frame, node, null, 1, why);
  }

  public void replayed(String node, String edgeTo, String trace, Frame frame) {
    add(Kind.REPLAYED, trace, frame, node, edgeTo, 1, null);
  }

  /// The latest events, at most `limit`, oldest first; those of one trace, unless it is null.
  public List<ProvenanceEvent> events(@Nullable String trace, int limit) {
    var found = new ArrayList<ProvenanceEvent>();
    synchronized (this) {
      var latest = events.descendingIterator();
      while (latest.hasNext() && found.size() < limit) {
        var event = latest.next();
        if (trace == null || trace.equals(event.trace())) {
          found.add(event);
        }
      }
    }
    return found.reversed();
  }

  /// A copy of the last frame that `node` made of a trace; null if none is kept.
  public synchronized @Nullable Frame kept(String trace, String node) {
    return kept.find(trace, node);
  }

  /// Bytes that copies of frames take.
  public synchronized long keptBytes() {
    return kept.bytes();
  }

  private void made(String node, String trace, Frame frame, @Nullable String branch) {
    var edges =
        nodes.getOrDefault(node, List.of()).stream()
            .filter(edge -> branch == null || edge.branch() == null || branch.equals(edge.branch()))
            .toList();
    if (edges.isEmpty()) {
      return;
    }
    if (edges.size() > 1) {
      var named =
          edges.stream().limit(NAMED_EDGES).map(TapEdge::to).collect(Collectors.joining(", "));
      add(Kind.FORKED, trace, frame, node, named, edges.size(), null);
    }
    long room = mostBytes.getAsLong();
    if (KeptFrames.size(frame) <= room) {
      var copy = frame.detach();
      synchronized (this) {
        kept.keep(trace, node, copy, room);
      }
    }
  }

  private void add(
      Kind kind,
      String trace,
      Frame frame,
      String node,
      @Nullable String to,
      int frames,
      @Nullable String why) {
    var words = why == null || why.length() <= LONGEST_WHY ? why : why.substring(0, LONGEST_WHY);
    var event =
        new ProvenanceEvent(
            clock.epochMicros(), trace, frame.sequence(), kind, node, to, frames, words);
    synchronized (this) {
      if (events.size() == MOST_EVENTS) {
        events.removeFirst();
      }
      events.addLast(event);
    }
  }
}
