package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.flow.Inlet;
import dev.millrace.engine.flow.SampleLimit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Where frames from outside come into one pipeline. A frame goes to all the entries it is meant
/// for or to none, and nothing is accepted once the pipeline has begun to end. Safe from any
/// thread.
final class Entries {
  private final String pipeline;
  private final @Nullable SampleLimit most; // samples of a frame; null without a limit

  // Both guarded by this.
  private boolean held;
  private @Nullable String closedBecause =
      "is not running yet; it takes triggers from start to stop";

  // Written under this, in the order of the graph's nodes; read by anybody.
  private volatile Map<String, Inlet> inlets = Map.of();

  /// No frame may have more samples than `most` says, if it says anything.
  Entries(String pipeline, @Nullable SampleLimit most) {
    this.pipeline = pipeline;
    this.most = most;
  }

  /// Takes frames from now on, unless it was closed before.
  synchronized void open(Map<String, Inlet> opened) {
    inlets = new LinkedHashMap<>(opened);
    closedBecause = null;
  }

  /// From now on these are the entries; those that are gone take nothing more.
  synchronized void replace(Map<String, Inlet> opened) {
    var gone = new ArrayList<>(inlets.values());
    gone.removeAll(opened.values());
    inlets = new LinkedHashMap<>(opened);
    gone.forEach(Inlet::close);
  }

  /// Takes nothing more; what was accepted is delivered. The reason that was given first holds.
  void close(String because) {
    synchronized (this) {
      if (closedBecause == null || inlets.isEmpty()) {
        closedBecause = because;
      }
    }
    inlets.values().forEach(Inlet::stir);
  }

  /// While held, nobody gets in, and whoever can wait waits.
  void hold(boolean now) {
    synchronized (this) {
      held = now;
    }
    inlets.values().forEach(Inlet::stir);
  }

  /// Waits for room in every entry, or in that of `node`, then puts the frame into it.
  void trigger(Frame frame, @Nullable String node) throws ProblemException, InterruptedException {
    refuseTooLarge(pipeline, most, frame);
    var targets = targets(node);
    var kept = frame.detach();
    int locked = 0;
    try {
      for (var inlet : targets) {
        inlet.turn().lockInterruptibly();
        locked++;
      }
      if (!admit(targets, kept)) {
        targets.forEach(Inlet::waits);
        while (!admit(targets, kept)) {
          LockSupport.park(this);
          if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while a trigger waited for room");
          }
        }
      }
    } finally {
      for (var inlet : targets.subList(0, locked)) {
        inlet.waitsNoMore();
        inlet.turn().unlock();
      }
    }
  }

  /// The same without waiting.
  ///
  /// @return false if one of the entries has no room, or somebody waits for it
  synchronized boolean offer(Frame frame, @Nullable String node) throws ProblemException {
    refuseTooLarge(pipeline, most, frame);
    var targets = targets(node);
    if (held) {
      return false;
    }
    for (var inlet : targets) {
      if (!inlet.closed() && (inlet.contended() || !inlet.hasRoom())) {
        return false;
      }
    }
    put(targets, frame.detach());
    return true;
  }

  /// One attempt of whoever has the turn at all `targets`.
  private synchronized boolean admit(Collection<Inlet> targets, Frame frame)
      throws ProblemException {
    refuseUnlessOpen();
    if (held) {
      return false;
    }
    for (var inlet : targets) {
      if (!inlet.closed() && !inlet.hasRoom()) {
        return false;
      }
    }
    put(targets, frame);
    return true;
  }

  /// An entry that has ended by itself gets nothing; one at least must be left.
  private void put(Collection<Inlet> targets, Frame frame) throws ProblemException {
    boolean any = false;
    for (var inlet : targets) {
      any |= inlet.put(frame);
    }
    if (!any) {
      throw refused("has no entry that still takes frames: its sources have ended", null);
    }
  }

  private synchronized List<Inlet> targets(@Nullable String node) throws ProblemException {
    refuseUnlessOpen();
    if (inlets.isEmpty()) {
      throw refused(
          "has no entry: every node without an edge into it is a source of its own",
          "Remove the edge into the first node, or use a source that takes triggers.");
    }
    if (node == null) {
      return List.copyOf(inlets.values());
    }
    var one = inlets.get(node);
    if (one == null) {
      throw refused(
          "has no entry " + node, "Its entries: " + String.join(", ", inlets.keySet()) + ".");
    }
    return List.of(one);
  }

  /// @throws ProblemException if the frame has more samples than it may
  static void refuseTooLarge(String pipeline, @Nullable SampleLimit most, Frame frame)
      throws ProblemException {
    var objection = most == null ? null : most.objection(frame);
    if (objection != null) {
      throw new ProblemException(
          Problem.error(
              Pipeline.TOO_LARGE,
              Location.of("pipeline " + pipeline),
              "a trigger was refused: the frame " + objection,
              "Send several smaller frames, or raise max_frame_samples."));
    }
  }

  private void refuseUnlessOpen() throws ProblemException {
    if (closedBecause != null) {
      throw refused(closedBecause, null);
    }
  }

  private ProblemException refused(String why, @Nullable String fix) {
    return new ProblemException(
        Problem.error(
            "E_TRIGGER",
            Location.of("pipeline " + pipeline),
            "a trigger was refused: the pipeline " + pipeline + " " + why,
            fix));
  }
}
