package dev.millrace.connect.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// The tables of a database of records, and how to tell one from somebody else's file.
final class Schema {
  /// Stands in the file's header (`PRAGMA application_id`): "MLRC".
  static final int APPLICATION_ID = 0x4D4C5243;

  static final int VERSION = 1;

  private static final List<String> STATEMENTS =
      List.of(
          """
          CREATE TABLE records (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at_uri TEXT,
            did TEXT,
            time_us INTEGER,
            message TEXT NOT NULL,
            message_metadata TEXT CHECK (message_metadata IS NULL OR json_valid(message_metadata)),
            created_at TEXT NOT NULL,
            hydrated_at TEXT NOT NULL,
            hydration_time_ms INTEGER,
            api_calls_count INTEGER,
            cache_hits INTEGER,
            cache_misses INTEGER,
            cache_hit_rate REAL
          )\
          """,
          "CREATE INDEX idx_records_at_uri ON records (at_uri)",
          "CREATE INDEX idx_records_did ON records (did)",
          "CREATE INDEX idx_records_time_us ON records (time_us)",
          "CREATE INDEX idx_records_created_at ON records (created_at)",
          """
          CREATE TABLE positions (
            stream TEXT PRIMARY KEY,
            ordinal INTEGER NOT NULL,
            repeats INTEGER NOT NULL,
            updated_at TEXT NOT NULL
          ) WITHOUT ROWID\
          """,
          "CREATE TABLE delivery_keys (id INTEGER PRIMARY KEY, key BLOB NOT NULL, time_us INTEGER)",
          "CREATE TABLE transactions (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER)",
          "INSERT INTO transactions VALUES (1, 0)",
          "PRAGMA application_id = " + APPLICATION_ID,
          "PRAGMA user_version = " + VERSION);

  private Schema() {}

  /// What a file turned out to be.
  sealed interface State {
    /// No tables: ours to fill.
    record Empty() implements State {}

    /// Ours, in the present version.
    record Current() implements State {}

    /// Ours, of a version this program does not know.
    record Newer(int version) implements State {}

    /// Tables of another program.
    record Foreign() implements State {}
  }

  static State inspect(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var found =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM sqlite_schema),"
                    + " (SELECT application_id FROM pragma_application_id),"
                    + " (SELECT user_version FROM pragma_user_version)")) {
      found.next();
      boolean empty = found.getInt(1) == 0;
      boolean ours = found.getInt(2) == APPLICATION_ID;
      int version = found.getInt(3);
      if (empty) {
        return new State.Empty();
      }
      if (!ours) {
        return new State.Foreign();
      }
      return version == VERSION ? new State.Current() : new State.Newer(version);
    }
  }

  /// Makes the tables, within the caller's transaction.
  static void create(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (var sql : STATEMENTS) {
        statement.execute(sql);
      }
    }
  }
}
