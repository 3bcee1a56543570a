package dev.millrace.engine.tap;

import dev.millrace.core.frame.Frame;
import org.jspecify.annotations.Nullable;

/// The place of one node where taps may look at what it makes, whichever instance of the node
/// stands there. Shows frames on the thread of the node's chain.
public final class TapPoint {
  private final String node;

  // Replaced as a whole by the hub; null while nobody watches. Read once per batch.
  private volatile Watch @Nullable [] watches;

  /// One tap at this node, or at one of its edges. `seen` is confined to the chain's thread.
  static final class Watch {
    private final Tap tap;
    private final String place;
    private final @Nullable TapEdge edge; // null for the node itself
    private long seen;

    Watch(Tap tap, String node, @Nullable TapEdge edge) {
      this.tap = tap;
      this.place = edge == null ? node : node + "->" + edge.to();
      this.edge = edge;
    }

    @SuppressWarnings("ReferenceEquality") // the very same tap
    boolean is(Tap other, @Nullable TapEdge otherEdge) {
      return tap == other && java.util.Objects.equals(edge, otherEdge);
    }

    private void show(Frame frame, @Nullable String branch) {
      boolean passes =
          branch == null || edge == null || edge.branch() == null || edge.branch().equals(branch);
      if (passes && seen++ % tap.every() == 0) {
        tap.offer(place, frame);
      }
    }
  }

  TapPoint(String node) {
    this.node = node;
  }

  /// Whether anybody watches.
  public boolean watched() {
    return watches != null;
  }

  /// Shows `frames[from..to)`, each emitted for the branch at the same index, if for any.
  public void show(Frame[] frames, @Nullable String @Nullable [] branches, int from, int to) {
    var now = watches;
    if (now == null) {
      return;
    }
    for (var watch : now) {
      for (int i = from; i < to; i++) {
        watch.show(frames[i], branches == null ? null : branches[i]);
      }
    }
  }

  /// The hub: has these taps look from now on. One that looked before goes on counting.
  void watch(java.util.List<Watch> fresh) {
    watches = fresh.isEmpty() ? null : fresh.toArray(Watch[]::new);
  }

  /// The hub: the watch of this tap, a new one if there is none.
  Watch watchOf(Tap tap, @Nullable TapEdge edge) {
    var now = watches;
    if (now != null) {
      for (var watch : now) {
        if (watch.is(tap, edge)) {
          return watch;
        }
      }
    }
    return new Watch(tap, node, edge);
  }
}
