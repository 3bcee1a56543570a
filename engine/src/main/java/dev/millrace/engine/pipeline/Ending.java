package dev.millrace.engine.pipeline;

import dev.millrace.engine.flow.Chain;
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
      if (!chain.over() && chain.activity().read().working()) {
        nodes.add(chain.activeStage().id());
      }
    }
    return nodes;
  }

  /// The end of a sentence that names them.
  static String told(List<String> atWork) {
    return atWork.isEmpty() ? "" : "; at work: " + String.join(", ", atWork);
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

  static boolean endsWithin(CompletableFuture<PipelineState> end, Duration patience) {
    try {
      end.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("the end of a pipeline does not fail", impossible);
    }
  }
}
