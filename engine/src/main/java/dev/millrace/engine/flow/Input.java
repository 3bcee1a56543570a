package dev.millrace.engine.flow;

import dev.millrace.core.node.SourcePosition;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The beginning of a chain that is fed by channels: takes batches from them in turn, keeps the one
/// in hand, and knows which position may be told once it has been handled.
///
/// Confined to the chain's thread, except [#abandon] and [#queuedFrames].
final class Input {
  private final EdgeQueue[] edges;
  private final Collector first;
  private final @Nullable PositionMerge merge;
  private final @Nullable WatermarkMerge water; // null where no source has event time
  private @Nullable Batch hand;
  private int handEdge;
  private int handled; // frames of the batch in hand that are done
  private int nextEdge;
  private @Nullable SourcePosition position;
  private long mark;
  private boolean moved;
  private @Nullable Watermark watermark; // null without event time

  // The checkpoint whose barrier has come over some edges, from which nothing is taken meanwhile.
  private long aligning; // its id, 0 for none
  private final boolean[] standing; // by edge: its barrier has come

  /// `reaching[e]` lists the sources that reach edge `e`, and `timed[e]` says whether one of them
  /// has event time; `first` is where the first stage puts what it makes.
  Input(List<? extends EdgeQueue> edges, int[][] reaching, boolean[] timed, Collector first) {
    this.edges = edges.toArray(EdgeQueue[]::new);
    this.first = first;
    this.merge = edges.size() > 1 ? new PositionMerge(reaching) : null;
    this.water = WatermarkMerge.of(this.edges, timed);
    this.watermark = waterNow();
    this.standing = new boolean[edges.size()];
  }

  /// Goes on where `before` was, over whichever edges they have in common; the batch in hand, if
  /// there is one, came over one of these.
  void adopt(Input before) {
    var from = new int[edges.length];
    for (int edge = 0; edge < edges.length; edge++) {
      from[edge] = List.of(before.edges).indexOf(edges[edge]);
    }
    if (merge != null && before.merge != null) {
      merge.adopt(before.merge, from);
    }
    if (water != null && before.water != null) {
      water.adopt(before.water, from);
      watermark = water.now();
    }
    if (before.hand != null) {
      hand = before.hand;
      handEdge = List.of(edges).indexOf(before.edges[before.handEdge]);
      handled = before.handled;
      position = before.position;
      mark = before.mark;
      moved = before.moved;
    }
  }

  /// Whether there is a batch in hand or one waits. A batch is taken only when it can be handled:
  /// until then it can make room on an edge that drops.
  boolean waits() {
    if (hand != null) {
      return true;
    }
    for (int edge = 0; edge < edges.length; edge++) {
      if (edges[edge].waiting() && !standing[edge]) {
        return true;
      }
    }
    return false;
  }

  /// The id of the checkpoint whose barrier has come over some edge; 0 for none.
  long aligning() {
    return aligning;
  }

  /// Whether its barrier has come over every edge that has not ended, and all that came before is
  /// out of hand.
  boolean aligned() {
    if (aligning == 0 || hand != null) {
      return false;
    }
    for (int edge = 0; edge < edges.length; edge++) {
      if (!standing[edge] && !edges[edge].exhausted()) {
        return false;
      }
    }
    return true;
  }

  /// All edges are taken from again.
  void goOn() {
    aligning = 0;
    Arrays.fill(standing, false);
  }

  /// A barrier of an older checkpoint than another edge has brought means nothing any more.
  private void arrived(int edge, long barrier) {
    edges[edge].release(1, 0);
    if (barrier > aligning) {
      goOn();
      aligning = barrier;
    }
    standing[edge] |= barrier == aligning;
  }

  /// The batch in hand, or a new one; null when none waits. A barrier goes no further than here.
  @Nullable Batch take() {
    if (water != null && hand == null) {
      water.look();
    }
    for (int i = 0; hand == null && i < edges.length; i++) {
      int edge = nextEdge;
      nextEdge = edge + 1 == edges.length ? 0 : edge + 1;
      if (standing[edge]) {
        continue;
      }
      hand = edges[edge].poll();
      handEdge = edge;
      handled = 0;
      if (hand != null && hand.barrier() != 0) {
        arrived(edge, hand.barrier());
        hand = null;
      }
    }
    if (hand != null && hand.lent()) {
      first.lends();
    }
    return hand;
  }

  /// A batch that was taken out of the hand, the queue it came by, the number of that edge, and the
  /// watermark once this batch and all that were taken before it have been handled; there is no
  /// queue where it came from outside, and no watermark without event time.
  record Taken(Batch batch, @Nullable EdgeQueue queue, int edge, @Nullable Watermark watermark) {
    int size() {
      return batch.size();
    }
  }

  /// The next batch, for somebody who has several in hand and settles them in order; null when none
  /// waits.
  @Nullable Taken takeOut() {
    var batch = take();
    hand = null;
    if (batch == null) {
      return null;
    }
    tellTime(batch);
    return new Taken(batch, edges[handEdge], handEdge, waterNow());
  }

  /// The frames `[from..to)` of a batch that was taken out have been handled, after all before
  /// them: their credit goes back.
  static void settle(Taken taken, int from, int to) {
    taken.batch().giveBack(from, to);
    if (taken.queue() != null) {
      taken.queue().release(taken.size() == 0 ? 1 : to - from, to - from);
    }
  }

  /// [#reach] for a batch that was taken out, maybe when the chain had other neighbours; a queue
  /// that has something out is there still.
  void reach(Taken taken) {
    for (int edge = 0; edge < edges.length; edge++) {
      if (edges[edge] == taken.queue()) {
        handEdge = edge;
      }
    }
    reachPosition(taken.batch());
    watermark = taken.watermark();
  }

  /// How full the fullest edge is, from 0 to 1; frames that are out of it and not settled count.
  double fill() {
    double most = 0;
    for (var edge : edges) {
      most = Math.max(most, (double) edge.queuedFrames() / edge.capacity());
    }
    return Math.min(1, most);
  }

  /// Frames that all edges may hold.
  long capacity() {
    long sum = 0;
    for (var edge : edges) {
      sum += edge.capacity();
    }
    return sum;
  }

  /// The edge that the batch in hand came over.
  int edge() {
    return handEdge;
  }

  /// Frames of the batch in hand that are done already.
  int handled() {
    return handled;
  }

  /// Looks up what position and watermark are true once the rest of the batch in hand has been
  /// handled.
  void reach(Batch batch) {
    reachPosition(batch);
    tellTime(batch);
    watermark = waterNow();
  }

  private void reachPosition(Batch batch) {
    position = batch.position();
    mark = batch.mark();
    moved = position != null;
    if (merge != null && moved) {
      moved = merge.advance(handEdge, batch);
      position = merge.least(batch.source());
      mark = merge.leastMark(batch.source());
    }
  }

  private void tellTime(Batch batch) {
    var told = batch.watermark();
    if (water != null && told != null) {
      water.advance(handEdge, told);
    }
  }

  private @Nullable Watermark waterNow() {
    return water == null ? null : water.now();
  }

  /// The watermark to tell at the end of the batch; may be an old one. Null without event time.
  @Nullable Watermark watermark() {
    return watermark;
  }

  /// Nothing is in hand and nothing waits: the watermark, now that some edges may have ended.
  @Nullable Watermark quiet() {
    if (water != null && hand == null) {
      water.look();
    }
    watermark = waterNow();
    return watermark;
  }

  /// The position to tell at the end of the batch; may be an old one.
  @Nullable SourcePosition position() {
    return position;
  }

  long mark() {
    return mark;
  }

  /// Whether [#position] is news.
  boolean moved() {
    return moved;
  }

  /// The next `frames` frames of the batch in hand are done: their credit goes back.
  void done(Batch batch, int frames) {
    batch.giveBack(handled, handled + frames);
    handled += frames;
    var edge = edges[handEdge];
    if (handled == batch.size()) {
      hand = null;
      edge.release(batch.size() == 0 ? 1 : frames, frames);
    } else {
      edge.release(frames, frames);
    }
  }

  /// Nothing waits, nothing is in hand, nothing follows.
  boolean exhausted() {
    if (hand != null) {
      return false;
    }
    for (var edge : edges) {
      if (!edge.exhausted()) {
        return false;
      }
    }
    return true;
  }

  /// Any thread: nothing more is taken, producers never wait again.
  void abandon() {
    for (var edge : edges) {
      edge.abandon();
    }
  }

  /// The chain ends: nothing more is taken, and the arrays of what is left go back.
  void close() {
    abandon(); // first, since nobody may wait for us whatever becomes of the arrays
    for (var edge : edges) {
      edge.close();
    }
    var left = hand;
    hand = null;
    if (left != null) {
      left.giveBack(handled, left.size());
    }
  }

  /// Any thread: frames that wait or are in hand.
  long queuedFrames() {
    long sum = 0;
    for (var edge : edges) {
      sum += edge.queuedFrames();
    }
    return sum;
  }
}
