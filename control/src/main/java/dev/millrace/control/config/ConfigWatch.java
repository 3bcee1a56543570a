package dev.millrace.control.config;

import dev.millrace.control.command.CommandCall;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reloads when a file that the configuration was last read from holds something else than what was
/// read. It compares contents, and looks by itself instead of being told: so it does not matter
/// whether a file is written in place, renamed over, deleted and made anew, reached through a link
/// that now points elsewhere, whether its folder was replaced, or what its times say; nothing can
/// be missed between two looks, and network and container file systems that tell nobody are like
/// any other. A look without a change costs a few system calls per file.
///
/// A file counts once it has kept still: a half-written one is normally not seen, and one that is
/// seen is rejected and the next look finds the rest.
///
/// [#look] is confined to the thread `millrace-config-watch`, or to a test that never starts it.
public final class ConfigWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigWatch.class);

  private static final Duration LOOK = Duration.ofMillis(250);

  /// Contents are compared this often also where neither size nor times say that they changed.
  private static final Duration THOROUGH_LOOK = Duration.ofSeconds(1);

  /// How long a file has to stay as it is.
  private static final Duration STILL = Duration.ofMillis(250);

  /// A file that never keeps still is read all the same.
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(5);

  private final Reloader<?> reloader;
  private final Consumer<ReloadOutcome> told;
  private final Clock clock;
  private final CounterDataPoint failures;
  private final Semaphore due = new Semaphore(0);
  private final Thread thread;
  private Map<Path, Known> known = Map.of();
  private @Nullable Map<Path, String> unsettled; // contents that wait to keep still
  private long unsettledSince;
  private long unrestSince;
  private long thoroughAt;
  private long restUntil;
  private boolean failing;
  private Clock.@Nullable Timer timer; // of the thread that starts and stops

  /// What the file system says of a file: `content` is what it was found to hold at `stat`.
  private record Known(Stat stat, String content) {}

  /// Differs whenever a file was replaced or written to, on file systems that keep good times.
  private record Stat(String target, Map<String, Object> attributes) {}

  /// `told` hears what became of each reload, on the watch's thread.
  public ConfigWatch(
      Reloader<?> reloader, Consumer<ReloadOutcome> told, Clock clock, Metrics metrics) {
    this.reloader = reloader;
    this.told = told;
    this.clock = clock;
    this.failures = metrics.counter(ConfigMetric.WATCH_FAILURES);
    this.thoroughAt = clock.nanoTime() - THOROUGH_LOOK.toNanos();
    this.restUntil = clock.nanoTime();
    this.thread =
        Thread.ofPlatform().name("millrace-config-watch").daemon(true).unstarted(this::run);
  }

  public ConfigWatch start() {
    thread.start();
    timer = clock.every(LOOK, due::release);
    return this;
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.cancel();
    }
    thread.interrupt();
  }

  /// One look; reloads when something has changed and kept still. Never fails.
  void look() throws InterruptedException {
    long now = clock.nanoTime();
    if (now - restUntil < 0) {
      return;
    }
    try {
      if (isDue(now)) {
        unsettled = null;
        told.accept(reloader.reload(CommandCall.Origin.WATCH, false));
      }
      failing = false;
    } catch (RuntimeException failure) {
      failures.inc();
      restUntil = now + REST_AFTER_FAILURE.toNanos();
      if (!failing) {
        log.error("Looking after the configuration failed; it is tried again", failure);
      }
      failing = true;
    }
  }

  private void run() {
    try {
      while (true) {
        due.acquire();
        due.drainPermits();
        look();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether something else is there than what was read, and has been for a while.
  private boolean isDue(long now) {
    var read = reloader.files();
    var contents = contents(read, now);
    if (read.stream().allMatch(file -> file.digest().equals(contents.get(file.path())))) {
      unsettled = null;
      return false;
    }
    if (contents.equals(unsettled)) {
      return now - unsettledSince >= STILL.toNanos();
    }
    if (unsettled == null) {
      unrestSince = now;
    }
    unsettled = contents;
    unsettledSince = now;
    return now - unrestSince >= PATIENCE.toNanos();
  }

  private Map<Path, String> contents(List<SeenFile> files, long now) {
    boolean thorough = unsettled != null || now - thoroughAt >= THOROUGH_LOOK.toNanos();
    if (thorough) {
      thoroughAt = now;
    }
    var contents = new HashMap<Path, String>();
    var next = new HashMap<Path, Known>();
    for (var file : files) {
      var stat = stat(file.path());
      var before = known.get(file.path());
      var content =
          thorough || before == null || !before.stat().equals(stat)
              ? ConfigFiles.digest(file.path())
              : before.content();
      contents.put(file.path(), content);
      next.put(file.path(), new Known(stat, content));
    }
    known = next;
    return contents;
  }

  private static Stat stat(Path file) {
    try {
      var views = file.getFileSystem().supportedFileAttributeViews();
      var attributes = views.contains("unix") ? "unix:dev,ino,size,lastModifiedTime,ctime" : "*";
      return new Stat(file.toRealPath().toString(), Files.readAttributes(file, attributes));
    } catch (IOException absent) {
      return new Stat("", Map.of()); // what is wrong with it is the reader's to say
    }
  }
}
