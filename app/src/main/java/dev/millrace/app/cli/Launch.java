package dev.millrace.app.cli;

import dev.millrace.app.config.ConfigReader;
import dev.millrace.app.config.Settings;
import dev.millrace.app.config.SourceOverride;
import dev.millrace.app.server.Foundation;
import dev.millrace.app.server.RunSummary;
import dev.millrace.app.server.Server;
import dev.millrace.control.config.ConfigSource;
import dev.millrace.core.problem.Problems;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What `run` and `demo` share: read the configuration, start, serve until told otherwise, drain.
final class Launch {
  private static final int PATIENCE_SECONDS = 30; // with trouble that lasts, in a run to an end

  private final PrintWriter out;
  private final PrintWriter err;
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private volatile @Nullable Server running; // written once the start is through

  Launch(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /// What to start. `file` null means built-in defaults; `settings` are laid over it in order.
  record Plan(
      @Nullable Path file,
      List<String> assignments,
      boolean strict,
      Optional<SourceOverride> source) {}

  /// How long to serve.
  sealed interface Until {
    /// Until INT or TERM.
    record Told() implements Until {}

    /// Until the time is over, or INT or TERM before that.
    record After(Duration duration) implements Until {}

    /// Until every pipeline has ended by itself, or INT or TERM before that.
    record PipelinesEnd() implements Until {}
  }

  /// What the caller does while the server serves and after it has drained.
  interface Companion {
    void serving(Server server);

    void drained(Server server);
  }

  /// Runs the whole life of a server and returns the exit code.
  ExitCode run(Plan plan, Until until, Companion companion) throws Exception {
    Interrupts.handle(stopRequested::countDown, this::reload); // first of all: a start may be long
    var services = Extensions.services();
    try (var foundation = Foundation.lay()) {
      var reader =
          new ConfigReader(
              services.catalogue(),
              plan.file(),
              new ConfigReader.Input(
                  System.getenv(), plan.assignments(), plan.source(), plan.strict()));
      try (var server = new Server(foundation, services, reader, read(reader))) {
        server.start();
        running = server;
        companion.serving(server);
        await(until, server);
        var result = server.stop();
        companion.drained(server);
        result.complaints().forEach(err::println);
        return result.timedOut()
            ? ExitCode.DRAIN_TIMED_OUT
            : result.failed() ? ExitCode.FAILED : ExitCode.OK;
      }
    }
  }

  /// On the thread of a signal.
  private void reload() {
    var server = running;
    if (server != null) {
      server.reload();
    }
  }

  private ConfigSource.Loaded<Settings> read(ConfigReader reader) throws ExitException {
    var problems = new Problems();
    var settings = reader.load(problems);
    if (settings.isEmpty()) {
      throw new ExitException(
          ExitCode.BAD_CONFIGURATION,
          problems + Messages.count(problems.errorCount(), "error") + "; nothing was started.");
    }
    settings.get().warnings().forEach(err::println);
    return settings.get();
  }

  private void await(Until until, Server server) throws InterruptedException {
    switch (until) {
      case Until.Told told -> stopRequested.await();
      case Until.After(var duration) -> {
        boolean early = stopRequested.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        if (early) {
          out.println();
        }
      }
      case Until.PipelinesEnd end -> {
        Thread.ofVirtual().name("await-pipelines").start(() -> stopAfterPipelines(server));
        awaitOrGiveUp(server);
      }
    }
  }

  private void stopAfterPipelines(Server server) {
    try {
      server.awaitPipelines();
      stopRequested.countDown();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /// A run that somebody waits for must not wait for ever on a full disk.
  private void awaitOrGiveUp(Server server) throws InterruptedException {
    int troubled = 0;
    while (!stopRequested.await(1, TimeUnit.SECONDS)) {
      var trouble = RunSummary.of(server).trouble();
      troubled = trouble.isPresent() ? troubled + 1 : 0;
      if (troubled >= PATIENCE_SECONDS) {
        err.println("error: gave up after " + PATIENCE_SECONDS + " s: " + trouble.orElseThrow());
        return;
      }
    }
  }
}
