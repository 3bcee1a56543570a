package dev.millrace.engine.flow;

import dev.millrace.core.node.SourcePosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The end of a chain: what its last stage has made and its channels have not yet taken. Every
/// batch goes to every channel, in edge order, as the same object.
///
/// Frames of several input batches gather until a batch is full or the turn ends. Positions wait
/// beside them, one per source, and leave with or after the last frame that came before them, so a
/// position never overtakes a frame. Confined to the chain's thread.
final class Output {
  private final Channel[] edges;
  private final Collector pending;
  private final int maxBatch;
  private final List<Batch> positions = new ArrayList<>(); // one per source at most

  Output(List<Channel> edges, Collector pending) {
    this.edges = edges.toArray(Channel[]::new);
    this.pending = pending;
    int most = Batch.MAX_FRAMES;
    for (var edge : edges) {
      most = Math.min(most, edge.capacity());
    }
    this.maxBatch = most;
  }

  /// Frames the chain may still make before its channels are full.
  int room() {
    return edges.length == 0 ? Integer.MAX_VALUE : free() - pending.size();
  }

  /// Makes room for at least one frame.
  ///
  /// @return false if there is none; the chain will be woken when there may be
  boolean makeRoom() {
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
      sendPositions();
      if (pending.size() == 0 && positions.isEmpty()) {
        return true;
      }
    } while (!blocked());
    return false;
  }

  void end() {
    for (var edge : edges) {
      edge.end();
    }
  }

  /// Throws away what was not sent.
  void discard() {
    pending.clear();
    positions.clear();
  }

  private void sendBatches(int least) {
    int sent = 0;
    int size = pending.size();
    while (size - sent >= least && size > sent) {
      int count = Math.min(Math.min(maxBatch, size - sent), free());
      if (count < 1) {
        break;
      }
      var frames = Arrays.copyOfRange(pending.frames(), sent, sent + count);
      sent += count;
      send(sent == size ? withPosition(frames) : new Batch(frames, count, null, 0, -1));
    }
    if (sent == size) {
      pending.clear();
    } else if (sent > 0) {
      pending.removeFirst(sent);
    }
  }

  /// The last batch of what is pending takes one of the waiting positions with it.
  private Batch withPosition(dev.millrace.core.frame.Frame[] frames) {
    if (positions.isEmpty()) {
      return new Batch(frames, frames.length, null, 0, -1);
    }
    var position = positions.removeLast();
    return new Batch(
        frames, frames.length, position.position(), position.mark(), position.source());
  }

  private void sendPositions() {
    while (pending.size() == 0 && !positions.isEmpty() && free() > 0) {
      send(positions.removeLast());
    }
  }

  private void send(Batch batch) {
    for (var edge : edges) {
      edge.send(batch);
    }
  }

  private int free() {
    int free = Integer.MAX_VALUE;
    for (var edge : edges) {
      free = Math.min(free, edge.free());
    }
    return free;
  }

  /// Whether a channel is full; the chain then waits at that one.
  private boolean blocked() {
    for (var edge : edges) {
      if (edge.free() < 1 && edge.parkProducer()) {
        return true;
      }
    }
    return false;
  }
}
