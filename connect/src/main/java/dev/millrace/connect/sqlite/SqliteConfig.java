package dev.millrace.connect.sqlite;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// Where events are stored and how they are gathered into transactions.
public record SqliteConfig(
    @About("The database file.") @Default("records.db") String path,
    @About("Rows that make a transaction.") @Default("5000") @Range(min = 1, max = 100_000)
        int batchRows,
    @About("An event is not kept waiting longer than this for others to be stored with it.")
        @Default("50ms")
        Duration batchTime,
    @About("How far a live stream may rewind, in time of its events, without storing one twice.")
        @Default("60s")
        @Range(min = 1, max = 86_400)
        Duration rewindWindow,
    @About("Events remembered within the rewind window; beyond it the oldest are forgotten.")
        @Default("500000")
        @Range(min = 1_000, max = 50_000_000)
        int rewindMaxKeys,
    @About("Storing pauses when the database has grown to this size; 0 is no limit.") @Default("0")
        ByteSize maxSize) {

  /// Every default.
  public static final SqliteConfig DEFAULT =
      new SqliteConfig(
          "records.db",
          5_000,
          Duration.ofMillis(50),
          Duration.ofSeconds(60),
          500_000,
          new ByteSize(0));

  public SqliteConfig withPath(String newPath) {
    return new SqliteConfig(newPath, batchRows, batchTime, rewindWindow, rewindMaxKeys, maxSize);
  }

  public SqliteConfig withBatchRows(int rows) {
    return new SqliteConfig(path, rows, batchTime, rewindWindow, rewindMaxKeys, maxSize);
  }

  public SqliteConfig withMaxSize(ByteSize newMaxSize) {
    return new SqliteConfig(path, batchRows, batchTime, rewindWindow, rewindMaxKeys, newMaxSize);
  }

  public SqliteConfig withRewind(Duration window, int maxKeys) {
    return new SqliteConfig(path, batchRows, batchTime, window, maxKeys, maxSize);
  }
}
