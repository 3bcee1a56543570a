package dev.millrace.connect.sqlite;

import dev.millrace.connect.ConnectMetric;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets transactions into a [RecordStore] whatever the disk does: after a failure it opens the file
/// anew, looks whether the transaction got through, and if not tries it again, once a second, until
/// it does or the thread is interrupted. Confined to the sink's thread.
final class StoreWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreWriter.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final NodeContext context;
  private final Path file;
  private final long maxBytes;
  private final CounterDataPoint rowsStored;
  private final CounterDataPoint commits;
  private final CounterDataPoint retries;
  private final DistributionDataPoint commitSeconds;
  private @Nullable RecordStore store;
  private long transactions;

  StoreWriter(NodeContext context, Path file, long maxBytes) {
    this.context = context;
    this.file = file;
    this.maxBytes = maxBytes;
    var metrics = context.metrics();
    var labels = new String[] {context.pipeline(), context.node()};
    rowsStored = metrics.counter(ConnectMetric.SQLITE_ROWS, labels);
    commits = metrics.counter(ConnectMetric.SQLITE_COMMITS, labels);
    retries = metrics.counter(ConnectMetric.SQLITE_RETRIES, labels);
    commitSeconds = metrics.seconds(ConnectMetric.SQLITE_COMMIT_SECONDS, labels);
  }

  /// What earlier runs left in the file.
  record Stored(Map<String, Long> positions, List<RewindWindow.Entry> keys) {}

  /// Opens the file for the first time.
  Stored open(int maxKeys) throws ProblemException {
    try {
      var folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      var opened = RecordStore.open(file, maxBytes);
      store = opened;
      transactions = opened.transactions();
      return new Stored(opened.positions(), opened.keys(maxKeys));
    } catch (IOException unusable) {
      throw problem("the folder of " + file + " cannot be made: " + unusable, unusable);
    } catch (RecordStore.NotOursException foreign) {
      throw problem(file + " " + foreign.getMessage(), foreign);
    } catch (SQLException failure) {
      close();
      var sentence =
          switch (Failure.of(failure, file, maxBytes > 0)) {
            case Failure.Passing(var passing) -> passing.replace("; storing goes on by itself", "");
            case Failure.Fatal(var fatal) -> fatal;
            case Failure.BadRow() -> file + " cannot be opened: " + failure.getMessage();
          };
      throw problem(sentence, failure);
    }
  }

  /// Commits `transaction`, however long that takes.
  ///
  /// @throws InterruptedException if whoever runs the sink wants it to stop waiting
  /// @throws ProblemException if the file is damaged
  void write(Transaction transaction, long startedNanos)
      throws InterruptedException, ProblemException {
    var now = RFC_3339.format(Instant.ofEpochMilli(context.clock().epochMillis()));
    boolean oneByOne = false;
    boolean troubled = false;
    while (true) {
      try {
        if (isThrough()) {
          break;
        }
        var open = reopened();
        if (oneByOne) {
          open.writeOneByOne(transaction, now, file, this::refused);
        } else {
          open.write(transaction, now);
        }
        transactions++;
        break;
      } catch (SQLException failure) {
        close();
        retries.inc();
        switch (Failure.of(failure, file, maxBytes > 0)) {
          case Failure.BadRow() -> {
            if (oneByOne) {
              throw problem(file + " refuses every row: " + failure.getMessage(), failure);
            }
            oneByOne = true;
          }
          case Failure.Passing(var sentence) -> {
            troubled = true;
            context.trouble(sentence);
            pause();
          }
          case Failure.Fatal(var sentence) -> throw problem(sentence, failure);
        }
      } catch (RecordStore.NotOursException replaced) {
        throw problem(file + " " + replaced.getMessage(), replaced);
      }
    }
    if (troubled) {
      context.recovered();
    }
    rowsStored.inc(transaction.rows().size());
    commits.inc();
    commitSeconds.observe((context.clock().nanoTime() - startedNanos) / 1e9);
  }

  @Override
  public void close() {
    var open = store;
    store = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException failure) {
        log.warn("Closing {} failed: {}", file, failure.getMessage());
      }
    }
  }

  /// Whether the transaction in hand is in the file although it was reported as failed: a commit
  /// can fail after its last write.
  private boolean isThrough() throws SQLException, RecordStore.NotOursException {
    if (store != null) {
      return false;
    }
    long seen = reopened().transactions();
    boolean through = seen > transactions;
    transactions = seen;
    return through;
  }

  private RecordStore reopened() throws SQLException, RecordStore.NotOursException {
    var open = store;
    if (open == null) {
      open = RecordStore.open(file, maxBytes);
      store = open;
    }
    return open;
  }

  private void pause() throws InterruptedException {
    var over = new CountDownLatch(1);
    var timer = context.clock().after(RETRY, over::countDown);
    try {
      over.await();
    } finally {
      timer.cancel();
    }
  }

  private void refused(StoredRow row, SQLException reason) {
    context.rejected(
        "refused_by_database",
        "the event of " + row.did() + " at " + row.timeUs() + ": " + reason.getMessage());
  }

  private ProblemException problem(String what, Throwable cause) {
    var problem =
        Problem.error(
            "E_SQLITE",
            Location.of(file.toString()),
            what,
            "Give another file in `path`, or mend this one.");
    return new ProblemException(problem, cause);
  }
}
