package dev.millrace.engine.flow;

import dev.millrace.core.node.NodeContext;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The event time of a chain that is fed by channels: the smallest watermark of the edges that are
/// reached by a source with event time and are neither idle nor at their end. Where all are, nobody
/// is waited for, and the largest holds. Never falls. Confined to the chain's thread.
final class WatermarkMerge {
  private final EdgeQueue[] edges;
  private final boolean[] counts; // reached by a source with event time
  private final boolean[] idle;
  private final boolean[] ended;
  private final long[] micros;
  private Watermark now = Watermark.UNKNOWN;

  private WatermarkMerge(EdgeQueue[] edges, boolean[] counts) {
    this.edges = edges;
    this.counts = counts;
    this.idle = new boolean[edges.length];
    this.ended = new boolean[edges.length];
    this.micros = new long[edges.length];
    Arrays.fill(micros, NodeContext.NO_WATERMARK);
  }

  /// `timed[e]` says whether a source with event time reaches edge `e`; null if none reaches any.
  static @Nullable WatermarkMerge of(EdgeQueue[] edges, boolean[] timed) {
    for (boolean counts : timed) {
      if (counts) {
        return new WatermarkMerge(edges, timed.clone());
      }
    }
    return null;
  }

  /// Goes on where `before` was: edge `from[e]` there is edge `e` here, if not negative. An edge
  /// that is new holds the others back until it has told its watermark.
  void adopt(WatermarkMerge before, int[] from) {
    for (int edge = 0; edge < edges.length; edge++) {
      if (from[edge] >= 0 && before.counts[from[edge]]) {
        micros[edge] = before.micros[from[edge]];
        idle[edge] = before.idle[from[edge]];
      }
    }
    now = before.now;
    settle();
  }

  /// Everything that went before `told` on `edge` has been taken.
  void advance(int edge, Watermark told) {
    micros[edge] = told.micros();
    idle[edge] = told.idle();
    settle();
  }

  /// Nothing is in hand: sees which edges have come to their end.
  void look() {
    boolean news = false;
    for (int edge = 0; edge < edges.length; edge++) {
      if (counts[edge] && !ended[edge] && edges[edge].exhausted()) {
        ended[edge] = true;
        news = true;
      }
    }
    if (news) {
      settle();
    }
  }

  Watermark now() {
    return now;
  }

  private void settle() {
    long least = Long.MAX_VALUE;
    long most = NodeContext.NO_WATERMARK;
    boolean waits = false;
    for (int edge = 0; edge < edges.length; edge++) {
      if (counts[edge]) {
        most = Math.max(most, micros[edge]);
        if (!idle[edge] && !ended[edge]) {
          waits = true;
          least = Math.min(least, micros[edge]);
        }
      }
    }
    long reached = Math.max(now.micros(), waits ? least : most);
    if (reached != now.micros() || waits == now.idle()) {
      now = new Watermark(reached, !waits);
    }
  }
}
