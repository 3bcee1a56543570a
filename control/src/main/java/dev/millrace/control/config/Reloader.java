package dev.millrace.control.config;

import dev.millrace.control.command.CommandCall;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reloads the configuration, whoever asks for it, one reload after another on a thread of its own.
/// A reload that has begun runs to its end, also when nobody waits for it any more. One that has
/// not begun yet serves everybody who asks meanwhile, for it will read what is there then; so at
/// most two wait, whatever comes in.
///
/// Safe from any thread.
public final class Reloader<C> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reloader.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final LiveConfig<C> live;
  private final Reload<C> reload;
  private final SignalBus signals;
  private final Clock clock;
  private final Metrics metrics;
  private final ThreadPoolExecutor thread;
  private volatile long lastSuccessMillis; // written by the reloader's thread
  private volatile List<SeenFile> lastSeen; // written by the reloader's thread
  private final Map<Kind, CompletableFuture<ReloadOutcome>> waiting =
      new EnumMap<>(Kind.class); // guarded by itself

  private enum Kind {
    REAL,
    DRY
  }

  /// `parts` are prepared and committed in this order.
  public Reloader(
      LiveConfig<C> live,
      ConfigSource<C> source,
      List<ConfigPart<C>> parts,
      SignalBus signals,
      Clock clock,
      Metrics metrics) {
    this.live = live;
    this.signals = signals;
    this.clock = clock;
    this.metrics = metrics;
    this.reload = new Reload<>(live, source, new PartChain<>(List.copyOf(parts), metrics), clock);
    this.lastSuccessMillis = clock.epochMillis();
    this.lastSeen = live.state().files();
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(Kind.values().length),
            work -> Thread.ofPlatform().name("millrace-config").daemon(true).unstarted(work));
    thread.allowCoreThreadTimeOut(true);
    metrics.gauge(ConfigMetric.GENERATION, live::generation);
    metrics.gauge(ConfigMetric.LAST_SUCCESS, () -> lastSuccessMillis / 1e3);
    metrics.gauge(ConfigMetric.REJECTED, () -> live.state().lastError().isEmpty() ? 0 : 1);
    metrics.gauge(ConfigMetric.RESTART_KEYS, () -> live.state().restartRequired().size());
  }

  /// Reads the configuration anew and, unless `dryRun`, puts it in force. Waits until that is done.
  ///
  /// @throws InterruptedException if the caller is interrupted; the reload goes on
  /// @throws IllegalStateException after closing
  public ReloadOutcome reload(CommandCall.Origin trigger, boolean dryRun)
      throws InterruptedException {
    try {
      return enqueue(trigger, dryRun ? Kind.DRY : Kind.REAL).get();
    } catch (ExecutionException defect) {
      throw new IllegalStateException("a reload failed", defect.getCause());
    }
  }

  /// The files that the last reading looked at, sound or not, dry runs apart.
  List<SeenFile> files() {
    return lastSeen;
  }

  /// Lets the reload in hand finish, for a while.
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        log.error("A reload has not ended within {} s; stopping without it", PATIENCE.toSeconds());
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private CompletableFuture<ReloadOutcome> enqueue(CommandCall.Origin trigger, Kind kind) {
    synchronized (waiting) {
      var joined = waiting.get(kind);
      if (joined != null) {
        return joined;
      }
      if (thread.isShutdown()) {
        throw new IllegalStateException("the process is stopping; nothing is reloaded any more");
      }
      var outcome = new CompletableFuture<ReloadOutcome>();
      waiting.put(kind, outcome);
      var id = Correlation.id();
      Runnable work = () -> serve(trigger, kind, outcome);
      thread.execute(id == null ? work : () -> Correlation.run(id, work));
      return outcome;
    }
  }

  private void serve(
      CommandCall.Origin trigger, Kind kind, CompletableFuture<ReloadOutcome> outcome) {
    synchronized (waiting) {
      waiting.remove(kind); // whoever asks from here on may have seen what is read too early
    }
    try {
      var became = kind == Kind.DRY ? reload.dryRun() : reload.run();
      if (kind == Kind.REAL) {
        lastSeen = reload.lastSeen(); // what a dry run saw is still to be loaded
      }
      record(trigger, kind, became);
      outcome.complete(became);
    } catch (RuntimeException | Error defect) {
      log.error("A reload failed; generation {} stays in force", live.generation(), defect);
      outcome.completeExceptionally(defect);
    }
  }

  private void record(CommandCall.Origin trigger, Kind kind, ReloadOutcome outcome) {
    boolean dry = kind == Kind.DRY;
    var label =
        switch (outcome) {
          case ReloadOutcome.Unchanged same -> "unchanged";
          case ReloadOutcome.Applied applied -> "applied";
          case ReloadOutcome.WouldApply possible -> "dry_run";
          case ReloadOutcome.Rejected rejected -> "rejected";
        };
    metrics.counter(ConfigMetric.RELOADS, trigger.label(), dry ? "dry_run" : label).inc();
    if (dry) {
      return;
    }
    switch (outcome) {
      case ReloadOutcome.Applied applied -> announce(trigger, applied);
      case ReloadOutcome.Rejected rejected -> announce(trigger, rejected);
      case ReloadOutcome.Unchanged same -> lastSuccessMillis = clock.epochMillis();
      case ReloadOutcome.WouldApply possible -> {}
    }
  }

  private void announce(CommandCall.Origin trigger, ReloadOutcome.Applied applied) {
    lastSuccessMillis = clock.epochMillis();
    var diff = applied.diff();
    log.info(
        "Configuration generation {} is in force (by {}): added {}, removed {}, changed {}",
        applied.generation(),
        trigger.label(),
        diff.added(),
        diff.removed(),
        diff.changed());
    if (!applied.restartRequired().isEmpty()) {
      log.warn("These keys take effect at the next start: {}", applied.restartRequired());
    }
    applied.warnings().forEach(warning -> log.warn("{}", warning));
    signals.announce(
        new ConfigReloaded(
            applied.generation(),
            diff.added(),
            diff.removed(),
            diff.changed(),
            applied.restartRequired(),
            Finding.all(applied.warnings())));
  }

  private void announce(CommandCall.Origin trigger, ReloadOutcome.Rejected rejected) {
    var errors = rejected.problems().stream().filter(Problem::isError).toList();
    var all = new StringBuilder();
    rejected.problems().forEach(problem -> all.append('\n').append(problem));
    log.error(
        "The configuration was rejected (by {}); generation {} stays in force. What is wrong:{}",
        trigger.label(),
        rejected.generation(),
        all);
    boolean missing =
        errors.stream().anyMatch(problem -> problem.code().equals(ConfigSource.MISSING));
    signals.announce(
        new ConfigRejected(
            rejected.generation(),
            missing ? ConfigRejected.MISSING : ConfigRejected.INVALID,
            Finding.all(errors)));
  }
}
