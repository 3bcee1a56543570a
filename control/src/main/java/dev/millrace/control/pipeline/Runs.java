package dev.millrace.control.pipeline;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.Accord;
import dev.millrace.engine.pipeline.ApplyReport;
import dev.millrace.engine.pipeline.Checkpoints;
import dev.millrace.engine.pipeline.DrainReport;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.pipeline.PipelineServices;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.schedule.EngineRuntime;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Begins, changes and ends runs, and says so. Safe from any thread; each blocks as long as nodes'
/// opening or getting through their frames takes.
final class Runs {
  private static final Logger log = LoggerFactory.getLogger(Runs.class);

  private final EngineRuntime engine;
  private final PipelineServices services;
  private final PipelineServices confined; // for graphs that came over the network
  private final Supplier<Duration> longestDrain;
  private final Bell bell;

  // Set once, when the process stops; nothing begins afterwards.
  private volatile boolean stopping;

  /// `longestDrain` is how long a drain may take whatever a graph says; `bell` is rung at every
  /// change.
  Runs(
      EngineRuntime engine, PipelineServices services, Supplier<Duration> longestDrain, Bell bell) {
    this.engine = engine;
    this.services = services;
    this.confined =
        new PipelineServices(
            services.metrics(), services.signals(), services.dataDirectory(), false);
    this.longestDrain = longestDrain;
    this.bell = bell;
  }

  Clock clock() {
    return engine.clock();
  }

  Metrics metrics() {
    return services.metrics();
  }

  void stop() {
    stopping = true;
    bell.ring();
  }

  boolean stopping() {
    return stopping;
  }

  /// A run that has not begun.
  Run fresh(NamedGraph declared) {
    var pipeline =
        new Pipeline(
            declared.name(), declared.graph(), engine, lent(declared), Checkpoints.CONTINUE);
    return new Run(pipeline, clock());
  }

  private PipelineServices lent(NamedGraph declared) {
    return switch (declared.origin()) {
      case CONFIG -> services;
      case API -> confined;
    };
  }

  /// Gives a run the graph of `next` while it goes on, together with others, and says so.
  ApplyReport change(Run run, NamedGraph next, Accord accord, Reason reason)
      throws InterruptedException {
    var name = run.pipeline().name();
    var report = run.pipeline().apply(next.graph(), lent(next), accord);
    if (report instanceof ApplyReport.Applied nodes) {
      announce(name, "Running", "Running", reason);
      log.atInfo()
          .addKeyValue("event", "pipeline_change")
          .addKeyValue("pipeline", name)
          .addKeyValue("reason", reason.label())
          .log(
              "The pipeline {} runs on with another graph ({}): {} nodes kept, changed {}, added"
                  + " {}, removed {}",
              name,
              reason.label(),
              nodes.kept().size(),
              nodes.changed(),
              nodes.added(),
              nodes.removed());
    }
    return report;
  }

  /// Begins a run; its sources flow when this returns.
  ///
  /// @throws ProblemException naming the pipeline and what it wants; the run is over then, and
  ///     closed
  void begin(Run run, Reason reason) throws ProblemException {
    var name = run.pipeline().name();
    refuseWhenStopping(name);
    try {
      run.pipeline().start();
    } catch (ProblemException problem) {
      failedToBegin(run, reason);
      throw named(name, problem);
    } catch (RuntimeException defect) {
      failedToBegin(run, reason);
      throw new ProblemException(
          Problem.error(
              "E_PIPELINE_START",
              Location.of("pipeline " + name),
              "the pipeline " + name + " cannot start: " + defect,
              null),
          defect);
    }
    if (stopping) {
      run.pipeline().close();
      refuseWhenStopping(name);
    }
    announce(name, "Running", "Idle", reason);
    log.atInfo()
        .addKeyValue("event", "pipeline_start")
        .addKeyValue("pipeline", name)
        .addKeyValue("reason", reason.label())
        .log("The pipeline {} runs ({})", name, reason.label());
    // The last chain's own thread completes this, and has other things to do.
    var _ =
        run.pipeline().end().thenAcceptAsync(end -> ended(run, end), Thread::startVirtualThread);
  }

  /// Drains a run that is active and says what it came to; nothing more of it happens afterwards,
  /// but it can still be looked at. Returns the frames that were left.
  long end(Run run, Graph graph, Reason reason) {
    var own = graph.settings().drainTimeout();
    var longest = longestDrain.get();
    var previous = run.state().name();
    return report(run, run.drain(own.compareTo(longest) < 0 ? own : longest), previous, reason);
  }

  /// Announces how a run was ended that was in the state `previous`.
  long report(Run run, DrainReport outcome, String previous, Reason reason) {
    var name = run.pipeline().name();
    announce(name, run.state().name(), previous, reason);
    long left = outcome instanceof DrainReport.TimedOut late ? late.frames() : 0;
    var line =
        log.atLevel(
                outcome instanceof DrainReport.Clean
                    ? org.slf4j.event.Level.INFO
                    : org.slf4j.event.Level.WARN)
            .addKeyValue("event", "pipeline_stop")
            .addKeyValue("pipeline", name)
            .addKeyValue("reason", reason.label());
    switch (outcome) {
      case DrainReport.Clean(long frames) ->
          line.log("The pipeline {} has ended after {} frames ({})", name, frames, reason.label());
      case DrainReport.Failed(var failure) ->
          line.log(
              "The pipeline {} has ended ({}) after a failure: {}",
              name,
              reason.label(),
              failure.getMessage());
      case DrainReport.TimedOut(var nodes) -> {
        services.metrics().counter(PipelineMetric.LEFT_FRAMES).inc(left);
        line.addKeyValue("left", left)
            .log(
                "The pipeline {} could not drain in time ({}); {} frames were left at {}. What a"
                    + " durable sink had not committed is read again by the next run.",
                name,
                reason.label(),
                left,
                nodes);
      }
    }
    return left;
  }

  private void failedToBegin(Run run, Reason reason) {
    services.metrics().counter(PipelineMetric.START_FAILURES).inc();
    run.pipeline().close();
    announce(run.pipeline().name(), run.state().name(), "Idle", reason);
  }

  private void ended(Run run, PipelineState end) {
    if (!run.stopped() && !stopping) {
      var reason = end instanceof PipelineState.Error ? Reason.CRASHED : Reason.EXITED_CLEANLY;
      announce(run.pipeline().name(), end.name(), "Running", reason);
    }
    bell.ring();
  }

  private void announce(String name, String state, String previous, Reason reason) {
    services.metrics().counter(PipelineMetric.TRANSITIONS, reason.label()).inc();
    services.signals().announce(new PipelineTransition(name, state, previous, reason.label()));
    bell.ring();
  }

  private void refuseWhenStopping(String name) throws ProblemException {
    if (stopping) {
      throw new ProblemException(
          Problem.error(
              "E_SHUTTING_DOWN",
              Location.of("pipeline " + name),
              "the process is stopping, so the pipeline " + name + " does not start any more",
              null));
    }
  }

  private static ProblemException named(String name, ProblemException thrown) {
    var problem = thrown.problem();
    return new ProblemException(
        new Problem(
            problem.severity(),
            problem.code(),
            problem.location(),
            "the pipeline " + name + " cannot start: " + problem.what(),
            problem.fix()),
        thrown);
  }
}
