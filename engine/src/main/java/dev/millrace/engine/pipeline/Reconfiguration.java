package dev.millrace.engine.pipeline;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.flow.ChainListener;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.flow.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One change of a running graph, up to the moment at which all chains it touches stand still and
/// what comes is open. Until then everything can be taken back.
///
/// 1. New nodes are made and opened, except sources. 2. Chains that feed others which must be empty
///    stop between two batches; those empty themselves through the instances they have, sources
///    first; then chains with other neighbours stop. 3. New sources are opened, and begin where
///    those in their places have come to. 4. Instances that leave are told that nothing follows.
///    Confined to the thread that applies the change.
final class Reconfiguration {
  private static final Logger log = LoggerFactory.getLogger(Reconfiguration.class);

  // How long instances that leave may take to hand on what they hold.
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final String pipeline;
  private final Clock clock;
  private final Splice splice;
  private final Assembly after;
  private final CompletableFuture<Void> ending; // somebody ends the pipeline
  private final List<Chain> held = new ArrayList<>();
  private String leavesLast = "";

  /// Why a change did not come about.
  static final class Refusal extends Exception {
    private final transient Problem problem;

    Refusal(Problem problem) {
      super(problem.what());
      this.problem = problem;
    }

    Problem problem() {
      return problem;
    }
  }

  Reconfiguration(
      String pipeline, Clock clock, Splice splice, Assembly after, CompletableFuture<Void> ending) {
    this.pipeline = pipeline;
    this.clock = clock;
    this.splice = splice;
    this.after = after;
    this.ending = ending;
  }

  static Refusal refusal(String code, String pipeline, String why) {
    return new Refusal(
        Problem.error(
            code,
            Location.of("pipeline " + pipeline),
            told(pipeline, why),
            ApplyReport.NEEDS_NEW_RUN.equals(code) ? "Drain it and start it anew." : null));
  }

  /// A refusal because of what is wrong with a new node.
  static Refusal refusal(String pipeline, Problem cause) {
    return new Refusal(
        new Problem(
            cause.severity(),
            cause.code(),
            cause.location(),
            told(pipeline, cause.what()),
            cause.fix()));
  }

  private static String told(String pipeline, String why) {
    return "the pipeline " + pipeline + " was not changed: " + why;
  }

  /// Has all touched chains stand still, for `patience` at most, and opens new sources.
  void standStill(Duration patience) throws Refusal, InterruptedException {
    var late = new CompletableFuture<Void>();
    var timer = clock.after(patience, () -> late.complete(null));
    var given = CompletableFuture.anyOf(late, ending);
    try {
      hold(splice.feeding(), given, patience);
      for (var chain : splice.emptied()) {
        held.add(chain);
        await(chain, chain.holdEmpty(), given, patience);
        refuseIfEnding();
      }
      hold(splice.stopped(), given, patience);
    } finally {
      timer.cancel();
      late.complete(null); // so that nothing is left hanging on the pipeline's end
    }
    refuseIfEnding();
    if (splice.anyEnded()) {
      throw refusal(ApplyReport.NEEDS_NEW_RUN, pipeline, "nodes that it touches have ended");
    }
    try {
      after.opening().openNew(true);
    } catch (ProblemException broken) {
      throw refusal(pipeline, broken.problem());
    }
  }

  /// Waits until all that are to change together stand still, for `patience` at most.
  void agree(CompletableFuture<Boolean> all, Duration patience)
      throws Refusal, InterruptedException {
    var late = new CompletableFuture<Void>();
    var timer = clock.after(patience, () -> late.complete(null));
    try {
      agree(pipeline, all, CompletableFuture.anyOf(late, ending));
    } finally {
      timer.cancel();
      late.complete(null);
    }
  }

  /// Waits for `all` that are to change together, until `given` at most.
  static void agree(String pipeline, CompletableFuture<Boolean> all, CompletableFuture<?> given)
      throws Refusal, InterruptedException {
    try {
      var _ = CompletableFuture.anyOf(all, given).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("an accord does not fail", impossible);
    }
    if (!all.isDone()) {
      throw refusal(
          "E_CHANGE", pipeline, "it ends, or others that were to change with it take too long");
    }
    if (!all.join()) {
      throw refusal(
          ApplyReport.CALLED_OFF, pipeline, "another that was to change with it was not either");
    }
  }

  private void hold(Set<Chain> chains, CompletableFuture<?> given, Duration patience)
      throws Refusal, InterruptedException {
    var stopping = new LinkedHashMap<Chain, CompletableFuture<Void>>();
    for (var chain : chains) {
      held.add(chain);
      stopping.put(chain, chain.hold());
    }
    for (var one : stopping.entrySet()) {
      await(one.getKey(), one.getValue(), given, patience);
      refuseIfEnding();
    }
  }

  /// Has instances that leave hand on what they hold. From here on nothing can be taken back: if it
  /// does not come about, the run has failed. Whoever ends the pipeline waits meanwhile.
  void finishLeaving(ChainListener listener) throws Refusal, InterruptedException {
    boolean through = false;
    try {
      tellLeaving();
      through = true;
    } finally {
      if (!through) {
        var cause = new IllegalStateException("it left, and did not hand on what it held");
        listener.failed(
            new NodeFailure(leavesLast, "finish", NodeFailure.NO_SEQUENCE, null, cause));
      }
    }
  }

  private void tellLeaving() throws Refusal, InterruptedException {
    var late = new CompletableFuture<Void>();
    var timer = clock.after(LAST_WORDS, () -> late.complete(null));
    try {
      for (var chain : splice.emptied()) {
        leavesLast = chain.activeStage().id();
        await(chain, chain.finish(processors(chain)), late, LAST_WORDS);
        int lost = splice.lostFrames(chain);
        if (lost > 0) {
          log.warn("{}: {} frames of nodes that leave found no room", pipeline, lost);
        }
      }
    } finally {
      timer.cancel();
    }
    if (splice.anyEnded()) {
      throw refusal("E_CHANGE", pipeline, "a node failed as it handed on what it held");
    }
  }

  /// Everything goes on, in whatever chains it now is.
  void release() {
    held.forEach(Chain::release);
    held.clear();
  }

  private void refuseIfEnding() throws Refusal {
    if (ending.isDone()) {
      throw refusal("E_CHANGE", pipeline, "it is being stopped, has ended or has failed");
    }
  }

  private List<Stage> processors(Chain chain) {
    return splice.leaving(chain).stream()
        .filter(stage -> stage.node() instanceof dev.millrace.core.node.Processor)
        .toList();
  }

  private void await(
      Chain chain, CompletableFuture<Void> parked, CompletableFuture<?> late, Duration patience)
      throws Refusal, InterruptedException {
    try {
      var _ = CompletableFuture.anyOf(parked, late).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("a hold does not fail", impossible);
    }
    if (!parked.isDone()) {
      refuseIfEnding();
      throw new Refusal(
          Problem.error(
              "E_CHANGE",
              Location.of("pipeline " + pipeline),
              told(
                  pipeline,
                  "the node "
                      + chain.activeStage().id()
                      + " and what follows it did not get through their frames in "
                      + patience.toMillis()
                      + " ms"),
              "Try again when it takes frames, or stop the pipeline first, which discards what"
                  + " finds no way out."));
    }
  }
}
