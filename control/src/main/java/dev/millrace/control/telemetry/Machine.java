package dev.millrace.control.telemetry;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the operating system about this process. That is native code, so it runs on one platform
/// thread, `millrace-system`, and the library behind it is loaded there, at the first question and
/// not before.
///
/// A machine that does not answer in time, or fails to (a process without a free descriptor cannot
/// look), costs that answer; one whose library cannot be loaded is said once and never asked again.
/// Asked by one thread at a time.
final class Machine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Machine.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /// What the operating system says; null for what it does not.
  record Reading(
      @Nullable Double cpuProcessPct,
      @Nullable Double cpuSystemPct,
      @Nullable Long rssBytes,
      @Nullable Long openFds) {
    static final Reading NOTHING = new Reading(null, null, null, null);
  }

  private final Callable<Callable<Reading>> loader;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("millrace-system").daemon().factory());
  private final Duration patience;
  private volatile @Nullable Callable<Reading> meter; // written by the thread

  // Confined to whoever asks.
  private @Nullable Future<Reading> pending;
  private boolean broken;
  private boolean failing;

  Machine() {
    this(OperatingSystemMeter::new, PATIENCE);
  }

  /// `loader` makes what answers; both run on the thread.
  Machine(Callable<Callable<Reading>> loader, Duration patience) {
    this.loader = loader;
    this.patience = patience;
  }

  /// How things are now; waits a moment at most.
  Reading read() {
    if (broken || !isIdle()) {
      return Reading.NOTHING;
    }
    var question = thread.submit(this::measure);
    pending = question;
    try {
      var reading = question.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      failing = false;
      return reading;
    } catch (TimeoutException late) {
      log.debug("The operating system did not answer within {}", patience);
      return Reading.NOTHING;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Reading.NOTHING;
    } catch (ExecutionException failure) {
      broken = meter == null;
      if (!failing) { // said once, until it answers again
        log.warn(
            "The operating system cannot be asked about this process; processor, memory and files"
                + " are unknown in telemetry",
            failure.getCause());
      }
      failing = true;
      return Reading.NOTHING;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /// Whether the last question has been answered, be it too late.
  private boolean isIdle() {
    return !thread.isShutdown() && (pending == null || pending.isDone());
  }

  private Reading measure() throws Exception {
    var known = meter;
    if (known == null) {
      known = loader.call();
      meter = known;
    }
    return known.call();
  }
}
