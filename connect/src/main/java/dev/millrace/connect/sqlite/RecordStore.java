package dev.millrace.connect.sqlite;

import dev.millrace.connect.jetstream.DeliveryKey;
import dev.millrace.core.node.SourcePosition;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The one writing connection to a database of records. Confined to one thread; enters native code
/// and waits for the disk.
final class RecordStore implements AutoCloseable {
  private static final int PAGE_BYTES = 8_192; // measured: a third more rows per second than 4 KiB
  private static final int BUSY_TIMEOUT_MILLIS = 2_000;

  private static final String INSERT =
      // Bound as a blob and cast: the bytes go in as they are, without a detour through a String.
      "INSERT INTO records (at_uri, did, time_us, message, created_at, hydrated_at)"
          + " VALUES (?, ?, ?, CAST(? AS TEXT), ?, ?)";
  private static final String POSITION =
      "INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET"
          + " ordinal = max(ordinal, excluded.ordinal), updated_at = excluded.updated_at";

  private final Connection connection;
  private final PreparedStatement insert;
  private final PreparedStatement position;
  private final PreparedStatement addKey;
  private final PreparedStatement forgetKeys;
  private final PreparedStatement count;

  private RecordStore(Connection connection) throws SQLException {
    this.connection = connection;
    this.insert = connection.prepareStatement(INSERT);
    this.position = connection.prepareStatement(POSITION);
    this.addKey = connection.prepareStatement("INSERT INTO delivery_keys VALUES (?, ?, ?)");
    this.forgetKeys = connection.prepareStatement("DELETE FROM delivery_keys WHERE id < ?");
    this.count = connection.prepareStatement("UPDATE transactions SET count = count + 1");
  }

  /// A row that could not be stored although its neighbours could.
  interface Refusals {
    void refused(StoredRow row, SQLException reason);
  }

  /// Opens `file`, making it if it is not there. `maxBytes` 0 is no limit.
  ///
  /// @throws SQLException if SQLite cannot open, read or lock it
  /// @throws NotOursException if it holds something else; the file is untouched then
  static RecordStore open(Path file, long maxBytes) throws SQLException, NotOursException {
    var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try {
      configure(connection, maxBytes);
      switch (Schema.inspect(connection)) {
        case Schema.State.Current() -> {}
        case Schema.State.Empty() -> create(connection);
        case Schema.State.Foreign() ->
            throw new NotOursException("holds the tables of another program");
        case Schema.State.Newer(int version) ->
            throw new NotOursException(
                "has schema version " + version + "; this program knows " + Schema.VERSION);
      }
      // Only now: it writes to the file.
      execute(connection, "PRAGMA journal_mode = WAL");
      execute(connection, "BEGIN IMMEDIATE");
      execute(connection, "ROLLBACK");
      connection.setAutoCommit(false);
      return new RecordStore(connection);
    } catch (SQLException | NotOursException failure) {
      connection.close();
      throw failure;
    }
  }

  /// The file holds something this program must not touch.
  static final class NotOursException extends Exception {
    NotOursException(String what) {
      super(what);
    }
  }

  /// Commits everything in `transaction`. `now` is RFC 3339.
  ///
  /// @throws SQLException if it could not be committed; the store must then be closed, and whether
  ///     the transaction got through is told by [#transactions] of a new one
  void write(Transaction transaction, String now) throws SQLException {
    for (var row : transaction.rows()) {
      bind(row, now);
      insert.addBatch();
    }
    if (!transaction.rows().isEmpty()) {
      insert.executeBatch();
    }
    finish(transaction, now);
  }

  /// The same row by row: one that SQLite refuses goes to `refusals`, its neighbours are stored.
  void writeOneByOne(Transaction transaction, String now, Path file, Refusals refusals)
      throws SQLException {
    for (var row : transaction.rows()) {
      bind(row, now);
      try {
        insert.executeUpdate();
      } catch (SQLException failure) {
        if (!(Failure.of(failure, file, false) instanceof Failure.BadRow)) {
          throw failure;
        }
        refusals.refused(row, failure);
      }
    }
    finish(transaction, now);
  }

  /// Transactions this file has seen in its life.
  long transactions() throws SQLException {
    try (var statement = connection.createStatement();
        var found = statement.executeQuery("SELECT count FROM transactions")) {
      found.next();
      return found.getLong(1);
    } finally {
      connection.rollback(); // a read holds a snapshot as long as its transaction is open
    }
  }

  /// Committed ordinals by stream.
  Map<String, Long> positions() throws SQLException {
    var positions = new HashMap<String, Long>();
    try (var statement = connection.createStatement();
        var found = statement.executeQuery("SELECT stream, ordinal FROM positions")) {
      while (found.next()) {
        positions.put(found.getString(1), found.getLong(2));
      }
    } finally {
      connection.rollback();
    }
    return positions;
  }

  /// The last `limit` delivery keys, oldest first.
  List<RewindWindow.Entry> keys(int limit) throws SQLException {
    var keys = new ArrayList<RewindWindow.Entry>();
    try (var statement = connection.createStatement();
        var found =
            statement.executeQuery(
                "SELECT id, key, time_us FROM (SELECT * FROM delivery_keys ORDER BY id DESC LIMIT "
                    + limit
                    + ") ORDER BY id")) {
      while (found.next()) {
        var key = DeliveryKey.fromBytes(found.getBytes(2));
        keys.add(new RewindWindow.Entry(found.getLong(1), key, found.getLong(3)));
      }
    } finally {
      connection.rollback();
    }
    return keys;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private void bind(StoredRow row, String now) throws SQLException {
    insert.setString(1, row.atUri());
    insert.setString(2, row.did());
    insert.setLong(3, row.timeUs());
    insert.setBytes(4, row.message());
    insert.setString(5, now);
    insert.setString(6, now);
  }

  private void finish(Transaction transaction, String now) throws SQLException {
    for (SourcePosition reached : transaction.positions()) {
      position.setString(1, reached.stream());
      position.setLong(2, reached.ordinal());
      position.setInt(3, reached.repeats() ? 1 : 0);
      position.setString(4, now);
      position.executeUpdate();
    }
    if (!transaction.keys().isEmpty()) {
      for (var entry : transaction.keys()) {
        addKey.setLong(1, entry.id());
        addKey.setBytes(2, entry.key().toBytes());
        addKey.setLong(3, entry.timeUs());
        addKey.addBatch();
      }
      addKey.executeBatch();
      forgetKeys.setLong(1, transaction.keyFloor());
      forgetKeys.executeUpdate();
    }
    count.executeUpdate();
    connection.commit();
  }

  private static void create(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    Schema.create(connection);
    connection.commit();
    connection.setAutoCommit(true);
  }

  private static void configure(Connection connection, long maxBytes) throws SQLException {
    execute(connection, "PRAGMA page_size = " + PAGE_BYTES); // counts for a new file only
    execute(connection, "PRAGMA busy_timeout = " + BUSY_TIMEOUT_MILLIS);
    execute(connection, "PRAGMA synchronous = NORMAL");
    execute(connection, "PRAGMA cache_size = -65536");
    execute(connection, "PRAGMA temp_store = MEMORY");
    // 64 MiB: the random pages of two indexes are written back less often than at the usual 4.
    execute(connection, "PRAGMA wal_autocheckpoint = " + (64 << 20) / PAGE_BYTES);
    execute(connection, "PRAGMA mmap_size = " + (256 << 20));
    execute(connection, "PRAGMA journal_size_limit = " + (512 << 20));
    if (maxBytes > 0) {
      execute(connection, "PRAGMA max_page_count = " + Math.max(1, maxBytes / PAGE_BYTES));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
