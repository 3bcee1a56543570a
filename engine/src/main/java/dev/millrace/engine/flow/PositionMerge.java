package dev.millrace.engine.flow;

import dev.millrace.core.node.SourcePosition;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a chain with several incoming edges may tell of its sources: for each source the smallest
/// of the positions its edges have reached, over all edges the source can reach. So of a stream
/// that forks and joins again, nobody hears a position before the slower branch has delivered it.
///
/// An edge that has ended goes on to hold its last position: where it ended because a node failed,
/// what that node lost must be read again. Confined to the chain's thread.
final class PositionMerge {
  private final Map<Integer, Reached> bySource = new HashMap<>();

  /// For one source: the edges that count, and the latest position on each.
  private static final class Reached {
    private final long[] marks; // by edge; -1 where the source does not reach the edge
    private final @Nullable SourcePosition[] positions;
    private @Nullable SourcePosition least;
    private long leastMark;

    Reached(int edges) {
      marks = new long[edges];
      Arrays.fill(marks, -1);
      positions = new @Nullable SourcePosition[edges];
    }
  }

  /// `reaching[e]` lists the sources that reach edge `e`.
  PositionMerge(int[][] reaching) {
    for (int edge = 0; edge < reaching.length; edge++) {
      for (int source : reaching[edge]) {
        bySource.computeIfAbsent(source, any -> new Reached(reaching.length)).marks[edge] = 0;
      }
    }
  }

  /// Goes on where `before` was: edge `from[e]` there is edge `e` here, if not negative. An edge
  /// that is new holds its sources' positions back until it has heard of one.
  void adopt(PositionMerge before, int[] from) {
    bySource.forEach(
        (source, reached) -> {
          var old = before.bySource.get(source);
          if (old != null) {
            reached.least = old.least;
            reached.leastMark = old.leastMark;
            for (int edge = 0; edge < from.length; edge++) {
              if (from[edge] >= 0 && reached.marks[edge] >= 0 && old.marks[from[edge]] >= 0) {
                reached.marks[edge] = old.marks[from[edge]];
                reached.positions[edge] = old.positions[from[edge]];
              }
            }
          }
        });
  }

  /// The position of `batch`, of which `edge` has now delivered everything before it, counts.
  ///
  /// @return whether the smallest position of its source has moved on
  boolean advance(int edge, Batch batch) {
    var reached = reached(batch.source());
    reached.marks[edge] = batch.mark();
    reached.positions[edge] = batch.position();
    long least = Long.MAX_VALUE;
    SourcePosition position = null;
    for (int i = 0; i < reached.marks.length; i++) {
      long mark = reached.marks[i];
      if (mark >= 0 && mark < least) {
        least = mark;
        position = reached.positions[i];
      }
    }
    if (least <= reached.leastMark || position == null) {
      return false;
    }
    reached.leastMark = least;
    reached.least = position;
    return true;
  }

  /// The smallest position of `source`, null before every edge has one.
  @Nullable SourcePosition least(int source) {
    return reached(source).least;
  }

  long leastMark(int source) {
    return reached(source).leastMark;
  }

  private Reached reached(int source) {
    var reached = bySource.get(source);
    if (reached == null) {
      throw new IllegalStateException("source " + source + " reaches no edge of this chain");
    }
    return reached;
  }
}
