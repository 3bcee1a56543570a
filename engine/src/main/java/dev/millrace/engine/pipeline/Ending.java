package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.schedule.OwnThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends a run at once: cancels its chains, interrupts those that do not come back, then gives them
/// up. Threads that were given up close their nodes if they ever return.
final class Ending {
  private static final Logger log = LoggerFactory.getLogger(Ending.class);

  // How long a cancelled node may take to come back before it is interrupted, and then again before
  // it is given up. Real time, whatever the clock: the thread that waits is a real one.
  static final Duration GRACE = Duration.ofSeconds(2);

  private final String pipeline;
  private final Assembly parts;
  private final CompletableFuture<PipelineState> end;

  Ending(String pipeline, Assembly parts, CompletableFuture<PipelineState> end) {
    this.pipeline = pipeline;
    this.parts = parts;
    this.end = end;
  }

  /// Nodes inside a call right now, as far as can be seen from outside.
  static List<String> atWork(Assembly parts) {
    var nodes = new ArrayList<String>();
    for (var chain : parts.chains()) {
      if (!chain.over() && chain.activity().working()) {
        nodes.add(chain.activeStage().id());
      }
    }
    return nodes;
  }

  /// The end of a sentence that names them.
  static String told(List<String> atWork) {
    return atWork.isEmpty() ? "" : "; at work: " + String.join(", ", atWork);
  }

  /// Frames taken in so far and not yet handled, by node or by what is in front of it.
  static List<DrainReport.Left> left(List<Chain> chains) {
    var left = new ArrayList<DrainReport.Left>();
    for (var chain : chains) {
      if (!chain.over()) {
        left.add(
            new DrainReport.Left(
                chain.activeStage().id(), chain.queuedFrames() + chain.heldFrames()));
      }
    }
    return left;
  }

  /// The failure of a run that took too long, blamed on a node that was at work.
  static NodeFailure overdue(Assembly parts, List<String> atWork, String sentence) {
    var node = atWork.isEmpty() ? parts.chains().getFirst().activeStage().id() : atWork.getFirst();
    return new NodeFailure(
        node, "its run", NodeFailure.NO_SEQUENCE, null, new TimeoutException(sentence));
  }

  /// Does not wait.
  void cancel() {
    parts.chains().forEach(Chain::cancel);
  }

  /// Waits for cancelled chains.
  ///
  /// @return the nodes that did not come back and are left behind
  List<String> await() {
    if (endsWithin(end, GRACE)) {
      return List.of();
    }
    parts.threads().forEach(OwnThread::interrupt);
    if (endsWithin(end, GRACE)) {
      return List.of();
    }
    var stuck = new ArrayList<String>();
    for (var chain : parts.chains()) {
      if (!chain.over()) {
        stuck.add(chain.activeStage().id());
      }
    }
    log.error("{}: these nodes did not come back and are left behind: {}", pipeline, stuck);
    return stuck;
  }

  /// Has the run end without them.
  void giveUp() {
    parts.chains().forEach(Chain::giveUp);
  }

  /// An interrupt does not cut the wait short: nodes would be left behind that are about to end.
  static boolean endsWithin(CompletableFuture<?> end, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          end.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
          return true;
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a run does not fail", impossible);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
