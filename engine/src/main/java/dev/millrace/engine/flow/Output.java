package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.SourcePosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The end of a chain: what its last stage has made and its channels have not yet taken. Every
/// batch goes to every channel, in edge order, as the same object; where frames were emitted for a
/// branch, an edge that names another gets a batch without them.
///
/// Frames of several input batches gather until a batch is full or the turn ends. Positions wait
/// beside them, one per source, and leave with or after the last frame that came before them, so a
/// position never overtakes a frame; nor does the watermark, which waits likewise. Confined to the
/// chain's thread.
final class Output {
  private final Outgoing[] edges;
  private final Collector pending;
  private final int maxBatch;
  private final List<Batch> positions = new ArrayList<>(); // one per source at most
  private @Nullable Watermark watermark; // that waits beside them
  private long barrier; // to be sent behind all of it, before anything else is made; 0 for none

  Output(List<Outgoing> edges, Collector pending) {
    this.edges = edges.toArray(Outgoing[]::new);
    this.pending = pending;
    int most = Batch.MAX_FRAMES;
    for (var edge : edges) {
      most = Math.min(most, edge.queue().mostFree());
      if (edge.branch() != null) {
        pending.keepBranches();
      }
    }
    this.maxBatch = most;
  }

  /// What waits at `before`, which stands still, waits here from now on.
  void adopt(Output before) {
    if (edges.length == 0) {
      return;
    }
    positions.addAll(before.positions);
    before.positions.clear();
    watermark = before.watermark;
    before.watermark = null;
    pending.adopt(before.pending);
  }

  /// Frames the chain may still make before its channels are full.
  int room() {
    return edges.length == 0 ? Integer.MAX_VALUE : free() - pending.size();
  }

  /// Makes room for at least one frame.
  ///
  /// @return false if there is none; the chain will be woken when there may be
  boolean makeRoom() {
    if (barrier != 0 && !flush()) {
      return false;
    }
    while (room() < 1) {
      if (pending.size() > 0 ? !flush() : blocked()) {
        return false;
      }
    }
    return true;
  }

  /// Notes that `source` has come to `position`, after all frames made so far.
  void position(SourcePosition position, long mark, int source) {
    if (edges.length == 0) {
      return;
    }
    positions.removeIf(waiting -> waiting.source() == source);
    positions.add(Batch.ofPosition(position, mark, source));
  }

  /// A barrier follows all that was made so far. Nothing may be made before there is room again.
  void barrier(long id) {
    if (edges.length > 0) {
      barrier = id;
    }
  }

  /// Notes what event time has come to, after all frames made so far.
  void watermark(Watermark reached) {
    if (edges.length > 0) {
      watermark = reached;
    }
  }

  /// Sends full batches on, if there are any and they find room.
  void flushFull() {
    if (edges.length == 0) {
      pending.clear();
    } else if (pending.size() >= maxBatch) {
      sendBatches(maxBatch);
    }
  }

  /// Sends everything on.
  ///
  /// @return false if something is left; the chain will be woken when there may be room for it
  boolean flush() {
    if (edges.length == 0) {
      pending.clear();
      return true;
    }
    do {
      sendBatches(1);
      sendTold();
      sendBarrier();
      if (pending.size() == 0 && !toBeTold() && barrier == 0) {
        return true;
      }
    } while (!blocked());
    return false;
  }

  void end() {
    for (var edge : edges) {
      edge.queue().end();
    }
  }

  /// Throws away what was not sent.
  void discard() {
    pending.clear();
    positions.clear();
    barrier = 0;
    watermark = null;
  }

  private boolean toBeTold() {
    return !positions.isEmpty() || watermark != null;
  }

  private void sendBatches(int least) {
    int sent = 0;
    int size = pending.size();
    while (size - sent >= least && size > sent) {
      int count = Math.min(Math.min(maxBatch, size - sent), free());
      if (count < 1) {
        break;
      }
      send(sent, sent + count);
      sent += count;
    }
    if (sent > 0) {
      pending.moved(sent);
    }
  }

  private void send(int from, int to) {
    int count = to - from;
    // Usually the array itself goes on: copying it would cost little, but storing frames in one
    // that has grown old costs every collector a lot.
    var frames =
        count == pending.size() && pending.nearlyFull()
            ? pending.handOver()
            : Arrays.copyOfRange(pending.frames(), from, to);
    boolean lent = pending.lending() && Lent.in(frames, 0, count);
    var batch = batch(frames, count, lent, to == pending.size());
    var branches = pending.branches();
    if (branches == null) {
      send(batch);
    } else {
      sendBranches(batch, Arrays.copyOfRange(branches, from, to));
    }
  }

  /// The last batch of what is pending takes one of the waiting positions with it, and the
  /// watermark.
  private Batch batch(Frame[] frames, int size, boolean lent, boolean last) {
    if (!last || !toBeTold()) {
      return new Batch(frames, size, null, 0, -1, lent);
    }
    var told = watermark;
    watermark = null;
    if (positions.isEmpty()) {
      return new Batch(frames, size, null, 0, -1, lent, told);
    }
    var at = positions.removeLast();
    return new Batch(frames, size, at.position(), at.mark(), at.source(), lent, told);
  }

  private void sendTold() {
    while (pending.size() == 0 && toBeTold() && free() > 0) {
      send(batch(Batch.NO_FRAMES, 0, false, true));
    }
  }

  private void sendBarrier() {
    if (barrier != 0 && pending.size() == 0 && !toBeTold() && free() > 0) {
      send(Batch.ofBarrier(barrier));
      barrier = 0;
    }
  }

  private void send(Batch batch) {
    // Before the first is sent: whoever has it may give it back at once.
    for (int i = 1; i < edges.length; i++) {
      batch.retain();
    }
    for (var edge : edges) {
      edge.queue().send(batch);
    }
  }

  /// Sends each edge the frames of its branch; one that gets none still hears what is told.
  private void sendBranches(Batch batch, @Nullable String[] branches) {
    for (var edge : edges) {
      var part = part(batch, branches, edge);
      if (part.size() > 0 || part.tells()) {
        part.retain();
        edge.queue().send(part);
      }
    }
    batch.giveBack();
  }

  private static Batch part(Batch batch, @Nullable String[] branches, Outgoing edge) {
    var frames = new Frame[batch.size()];
    int size = 0;
    for (int i = 0; i < frames.length; i++) {
      if (edge.takes(branches[i])) {
        frames[size++] = batch.frames()[i];
      }
    }
    return size == frames.length ? batch : batch.part(Arrays.copyOf(frames, size), size);
  }

  private int free() {
    int free = Integer.MAX_VALUE;
    for (var edge : edges) {
      free = Math.min(free, edge.queue().free());
    }
    return free;
  }

  /// Whether some channel is full; the chain then waits at all that are, so that each knows since
  /// when.
  private boolean blocked() {
    boolean blocked = false;
    for (var edge : edges) {
      blocked |= edge.queue().free() < 1 && edge.queue().parkProducer();
    }
    return blocked;
  }
}
