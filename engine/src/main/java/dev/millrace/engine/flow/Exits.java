package dev.millrace.engine.flow;

import dev.millrace.core.node.SourcePosition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All ways out of a chain: its end, and those of its dead letters. There is room when each has
/// some, and each hears of every position. Confined to the chain's thread, except [#end].
final class Exits {
  private final Output end;
  private final Output[] letters;
  private Watermark told = Watermark.UNKNOWN; // to whoever is behind

  Exits(List<Outgoing> outgoing, Stages stages) {
    end = new Output(outgoing, stages.end());
    var ways = new ArrayList<Output>();
    for (var stage : stages.list()) {
      var deadLetters = stage.deadLetters();
      if (deadLetters != null) {
        ways.add(deadLetters.output());
      }
    }
    letters = ways.toArray(Output[]::new);
  }

  /// What waits at the end of `before`, which stands still, waits here from now on.
  void adopt(Exits before) {
    end.adopt(before.end);
  }

  /// Frames the next step may make, once [#makeRoom] has said that there is room: at least one. An
  /// edge that drops has room without limit until its consumer makes some, and from then on just
  /// that, which may be less than what is pending.
  int room() {
    int room = end.room();
    for (var way : letters) {
      room = Math.min(room, way.room());
    }
    return Math.max(1, room);
  }

  /// Makes room for at least one frame.
  ///
  /// @return false if there is none; the chain will be woken when there may be
  boolean makeRoom() {
    if (!end.makeRoom()) {
      return false;
    }
    for (var way : letters) {
      if (!way.makeRoom()) {
        return false;
      }
    }
    return true;
  }

  /// Everything before the end of `batch`, which came by `input`, has been handled, and what was
  /// made of it is here: what the batch carries beside its frames goes on behind that. All marks of
  /// batches leave a chain here.
  void pass(Input input, Batch batch) {
    var position = input.position();
    if (input.moved() && position != null) {
      position(position, input.mark(), batch.source());
    }
    watermark(input.watermark());
  }

  /// The same for what the source at the chain's head has made by its last poll.
  void pass(SourceHead head) {
    var position = head.position();
    if (head.moved() && position != null) {
      position(position, head.mark(), head.source());
    }
    watermark(head.watermark());
  }

  /// Notes that `source` has come to `position`, after all frames made so far.
  private void position(SourcePosition position, long mark, int source) {
    end.position(position, mark, source);
    for (var way : letters) {
      way.position(position, mark, source);
    }
  }

  /// A barrier follows all that was made so far, on every way. Nothing may be made before there is
  /// room again.
  void barrier(long id) {
    end.barrier(id);
    for (var way : letters) {
      way.barrier(id);
    }
  }

  /// Notes what event time has come to, after all frames made so far: for where it moves without a
  /// batch. Null without event time.
  void watermark(@Nullable Watermark reached) {
    if (reached == null || !isNews(reached)) {
      return;
    }
    told = reached;
    end.watermark(reached);
    for (var way : letters) {
      way.watermark(reached);
    }
  }

  /// Whether nobody behind has been told this.
  boolean isNews(@Nullable Watermark reached) {
    return reached != null && !reached.equals(told);
  }

  /// Sends full batches on, if there are any and they find room.
  void flushFull() {
    end.flushFull();
    for (var way : letters) {
      way.flushFull();
    }
  }

  /// Sends everything on.
  ///
  /// @return false if something is left; the chain will be woken when there may be room for it
  boolean flush() {
    boolean all = end.flush();
    for (var way : letters) {
      all &= way.flush();
    }
    return all;
  }

  /// Throws away what was not sent.
  void discard() {
    end.discard();
    for (var way : letters) {
      way.discard();
    }
  }

  /// Nothing follows. The chain's thread, or the watchdog's in its place.
  void end() {
    end.end();
    for (var way : letters) {
      way.end();
    }
  }
}
