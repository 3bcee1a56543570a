package dev.millrace.control.data;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes backups for whoever asks, one at a time, each on a thread of its own named
/// `millrace-backup`, and keeps the newest until it is fetched, replaced, or an hour old.
///
/// Safe from any thread. Nothing on the path of an event comes here, so one lock guards the state;
/// nothing is waited for while it is held.
public final class BackupDesk implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BackupDesk.class);
  private static final Duration KEPT = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10); // of whoever closes it

  private final Path dataDirectory;
  private final String version;
  private final Clock clock;
  private final Metrics metrics;
  private @Nullable Job job; // guarded by this
  private volatile boolean closed; // set once by close

  public BackupDesk(Path dataDirectory, String version, Clock clock, Metrics metrics) {
    this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
    this.version = version;
    this.clock = clock;
    this.metrics = metrics;
    metrics.gauge(DataMetric.BACKUP_RUNNING, () -> isRunning() ? 1 : 0);
  }

  /// What became of the wish for a backup.
  public sealed interface Start {
    record Started(String id) implements Start {}

    record AlreadyRunning(String id) implements Start {}

    record NoSpace(String sentence) implements Start {}

    record ShuttingDown() implements Start {}
  }

  /// How a backup stands.
  public sealed interface State {
    /// `permille` is how far it has come, of a thousand.
    record Running(int permille) implements State {}

    /// `archive` is a ZIP file that its reader deletes; `name` is what to call it.
    record Ready(Path archive, String name) implements State {}

    record NoSpace(String sentence) implements State {}

    record Failed(String sentence) implements State {}

    /// There never was one of this id, or it has been fetched, replaced or is too old.
    record Gone() implements State {}
  }

  /// Begins a backup and returns at once. An older one that nobody fetched is deleted.
  ///
  /// @throws IOException if the data directory cannot be looked at
  public Start start() throws IOException {
    var backup = new Backup(dataDirectory, version, () -> closed);
    var shortage = backup.shortage();
    Job old;
    Job fresh;
    synchronized (this) {
      if (closed) {
        return new Start.ShuttingDown();
      }
      old = job;
      if (old != null && old.state instanceof State.Running) {
        return new Start.AlreadyRunning(old.id);
      }
      if (shortage != null) {
        return new Start.NoSpace(shortage.sentence());
      }
      fresh = new Job(backup, Instant.ofEpochMilli(clock.epochMillis()));
      job = fresh;
      fresh.start();
    }
    if (old != null) {
      old.stopExpiry();
      old.discard();
    }
    return new Start.Started(fresh.id);
  }

  /// How the backup `id` stands.
  public State look(String id) {
    var current = find(id);
    return current == null ? new State.Gone() : current.stateNow();
  }

  /// The same; one that is ready is the caller's from then on.
  public State fetch(String id) {
    synchronized (this) {
      var current = find(id);
      if (current == null) {
        return new State.Gone();
      }
      var state = current.stateNow();
      if (state instanceof State.Ready) {
        job = null;
        current.stopExpiry();
      }
      return state;
    }
  }

  /// Ends a backup that is running, waits for that a little, and deletes what nobody fetched.
  @Override
  public void close() {
    Job last;
    synchronized (this) {
      closed = true;
      last = job;
      job = null;
    }
    if (last != null) {
      last.end();
    }
  }

  private synchronized @Nullable Job find(String id) {
    return job != null && job.id.equals(id) ? job : null;
  }

  private synchronized boolean isRunning() {
    return job != null && job.state instanceof State.Running;
  }

  private void forget(Job old) {
    synchronized (this) {
      if (job != old) {
        return; // fetched or replaced: somebody else's by now
      }
      job = null;
    }
    log.info("Deleting backup {}: nobody has fetched it", old.id);
    old.discard();
  }

  /// One backup and what became of it.
  private final class Job {
    private final String id = UUID.randomUUID().toString();
    private final Backup backup;
    private final Instant begun;
    private final Thread thread;
    private volatile State state = new State.Running(0); // written by the thread of the backup
    private Clock.@Nullable Timer expiry; // guarded by the desk

    Job(Backup backup, Instant begun) {
      this.backup = backup;
      this.begun = begun;
      var cause = Correlation.id();
      this.thread =
          Thread.ofPlatform()
              .name("millrace-backup")
              .daemon(true)
              .unstarted(() -> Correlation.run(cause == null ? id : cause, this::run));
    }

    void start() {
      log.info("Backup {} begins", id);
      thread.start();
    }

    State stateNow() {
      return state instanceof State.Running ? new State.Running(backup.progress()) : state;
    }

    void end() {
      try {
        if (!thread.join(PATIENCE)) {
          log.warn("Backup {} does not end; its files are deleted at the next start", id);
          return;
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return;
      }
      stopExpiry();
      discard();
    }

    void stopExpiry() {
      synchronized (BackupDesk.this) {
        if (expiry != null) {
          expiry.cancel();
        }
      }
    }

    void discard() {
      if (state instanceof State.Ready(var archive, var name)) {
        try {
          Files.deleteIfExists(archive);
        } catch (IOException failure) {
          log.warn("{} could not be deleted; the next start does it: {}", archive, failure);
        }
      }
    }

    private void run() {
      long startedNanos = clock.nanoTime();
      State ended;
      try {
        ended = write();
      } catch (IOException | RuntimeException | LinkageError failure) {
        log.error("Backup {} failed", id, failure);
        ended = ended("failed", new State.Failed("the backup failed: " + failure));
      }
      metrics.seconds(DataMetric.BACKUP_SECONDS).observe((clock.nanoTime() - startedNanos) / 1e9);
      synchronized (BackupDesk.this) {
        state = ended;
        if (job == this && ended instanceof State.Ready) {
          // The clock's thread only hands the work on: deleting a large file takes a while.
          expiry = clock.after(KEPT, () -> Thread.ofVirtual().start(() -> forget(this)));
        }
      }
    }

    private State write() throws IOException {
      var temporary = Files.createDirectories(dataDirectory.resolve(DataDirectory.TEMPORARY));
      var archive =
          Files.createTempFile(temporary, DataDirectory.TEMPORARY_PREFIX, Backup.NAME_SUFFIX);
      return switch (backup.write(archive, begun)) {
        case Backup.Outcome.Written(var manifest, var bytes) -> {
          metrics.counter(DataMetric.BACKUP_BYTES).inc(bytes);
          log.info(
              "Backup {} is ready: {} files, {} bytes, packed {}; left out: {}",
              id,
              manifest.files().size(),
              manifest.bytes(),
              bytes,
              manifest.leftOut().size());
          yield ended("written", new State.Ready(archive, Backup.nameFor(begun)));
        }
        case Backup.Outcome.NoSpace shortage ->
            ended("no_space", new State.NoSpace(shortage.sentence()));
        case Backup.Outcome.Stopped() ->
            ended("stopped", new State.Failed("the server was stopped"));
        case Backup.Outcome.Failed(var sentence) -> ended("failed", new State.Failed(sentence));
      };
    }

    private State ended(String outcome, State end) {
      metrics.counter(DataMetric.BACKUPS, outcome).inc();
      if (end instanceof State.Failed(var sentence)) {
        log.warn("Backup {} ended without an archive: {}", id, sentence);
      } else if (end instanceof State.NoSpace(var sentence)) {
        log.warn("Backup {} ended without an archive: {}", id, sentence);
      }
      return end;
    }
  }
}
