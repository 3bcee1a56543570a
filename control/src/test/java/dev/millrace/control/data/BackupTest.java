package dev.millrace.control.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
  private static final Instant NOW = Instant.parse("2025-06-21T12:00:00Z");
  private static final int ROWS = 50; // of each transaction

  @TempDir private Path folder;
  private Path data;
  private Path target;

  @BeforeEach
  void aDataDirectory() throws Exception {
    data = folder.resolve("data");
    target = folder.resolve("backup.zip");
    DataDirectory.open(data, "1.0").close();
  }

  @Test
  void itHoldsWhatIsWorthKeepingAndNamesTheRest() throws Exception {
    Files.writeString(data.resolve("market.json"), "{}");
    Files.createFile(data.resolve("empty"));
    Files.createDirectories(data.resolve("audit").resolve("old"));
    Files.writeString(data.resolve("audit").resolve("old").resolve("1.jsonl"), "one\n");
    var database = data.resolve("records.db");
    Files.writeString(data.resolve("half.part"), "x");
    Files.writeString(data.resolve("note.tmp"), "x");
    Files.writeString(data.resolve("app.aot"), "x");
    Files.writeString(data.resolve("millrace-backup-20250101T000000Z.zip"), "x");
    Files.writeString(data.resolve("alone-wal"), "a file of that name, beside no database");
    Files.createSymbolicLink(data.resolve("link"), folder);
    Files.writeString(data.resolve("new\nline"), "x");
    DataDirectory.open(data.resolve("demo"), "1.0").close();
    try (var connection = database(database)) {
      insert(connection, 0);
      assertThat(data.resolve("records.db-wal")).isNotEmptyFile();

      var manifest = write(() -> false);

      assertThat(manifest.files())
          .extracting(Manifest.File::name)
          .containsExactly(
              "FORMAT", "alone-wal", "audit/old/1.jsonl", "empty", "market.json", "records.db");
      assertThat(manifest.leftOut())
          .containsExactly(
              new Manifest.LeftOut("app.aot", "made anew from the program"),
              new Manifest.LeftOut("demo", "another data directory"),
              new Manifest.LeftOut("half.part", "temporary"),
              new Manifest.LeftOut("link", "a link"),
              new Manifest.LeftOut("millrace-backup-20250101T000000Z.zip", "a backup itself"),
              new Manifest.LeftOut(
                  "new?line",
                  "its name holds a backslash, a control character or half a surrogate pair"),
              new Manifest.LeftOut("note.tmp", "temporary"));
      assertThat(manifest.format()).isEqualTo(1);
      assertThat(manifest.version()).isEqualTo("1.0");
      assertThat(manifest.created()).isEqualTo(NOW);
    }
    try (var archive = Archive.open(target)) {
      archive.verify();
    }
    var restored = folder.resolve("restored");
    Restore.restore(target, restored);
    assertThat(restored.resolve("audit/old/1.jsonl")).hasContent("one");
    assertThat(restored.resolve("empty")).isEmptyFile();
    assertThat(count(restored.resolve("records.db"))).isEqualTo(ROWS);
    assertNothingLeftInTmp();
  }

  @Test
  void aDatabaseBeingWrittenIsInItWithWholeTransactionsOnly() throws Exception {
    var enough = new AtomicBoolean();
    var begun = new CountDownLatch(30);
    var written = new AtomicLong();
    try (var connection = database(data.resolve("records.db"));
        var threads = Executors.newSingleThreadExecutor()) {
      var writer =
          threads.submit(
              () -> {
                while (!enough.get()) {
                  insert(connection, written.getAndIncrement());
                  begun.countDown();
                }
                return written.get();
              });
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      for (int n = 0; n < 3; n++) {
        long before = written.get() - 1;
        write(() -> false);
        var restored = folder.resolve("restored" + n);
        Restore.restore(target, restored);
        var copy = restored.resolve("records.db");
        assertThat(count(copy) % ROWS).isZero();
        assertThat(count(copy)).isGreaterThanOrEqualTo(before * ROWS);
        assertThat(text(copy, "SELECT position FROM positions"))
            .isEqualTo(Long.toString(count(copy) / ROWS - 1));
        assertThat(text(copy, "PRAGMA integrity_check")).isEqualTo("ok");
        assertThat(Files.exists(restored.resolve("records.db-wal"))).isFalse();
      }
      enough.set(true);
      assertThat(writer.get(30, TimeUnit.SECONDS)).isPositive();
      assertThat(count(data.resolve("records.db"))).isEqualTo(written.get() * ROWS);
    }
  }

  @Test
  void aDataDirectoryBehindALinkIsBackedUpLikeAnyOther() throws Exception {
    Files.writeString(data.resolve("market.json"), "{}");
    var link = Files.createSymbolicLink(folder.resolve("link"), data);
    var outcome = new Backup(link, "1.0", () -> false).write(target, NOW);
    assertThat(outcome).isInstanceOf(Backup.Outcome.Written.class);
    try (var archive = Archive.open(target)) {
      assertThat(archive.manifest().files())
          .extracting(Manifest.File::name)
          .containsExactly("FORMAT", "market.json");
      assertThat(archive.manifest().leftOut()).isEmpty();
    }
    Restore.restore(target, folder.resolve("restored"));
    assertThat(folder.resolve("restored/market.json")).hasContent("{}");
    assertNothingLeftInTmp();
  }

  @Test
  void aFileThatGrowsIsInItUpToWhereItWas() throws Exception {
    var log = Files.writeString(data.resolve("audit.jsonl"), "one\n");
    var grown = new AtomicBoolean();
    var backup =
        new Backup(
            data,
            "1.0",
            () -> {
              append(log, grown); // asked after sizes have been looked at
              return Long.MAX_VALUE;
            },
            () -> false);
    assertThat(backup.write(target, NOW)).isInstanceOf(Backup.Outcome.Written.class);
    Restore.restore(target, folder.resolve("restored"));
    assertThat(folder.resolve("restored/audit.jsonl")).hasContent("one");
    assertThat(log).hasContent("one\ntwo");
  }

  @Test
  void aFileThatIsDeletedMeanwhileIsNamed() throws Exception {
    var gone = Files.writeString(data.resolve("rotated.log"), "x");
    var backup = new Backup(data, "1.0", () -> delete(gone), () -> false);
    assertThat(backup.write(target, NOW))
        .isInstanceOfSatisfying(
            Backup.Outcome.Written.class,
            written ->
                assertThat(written.manifest().leftOut())
                    .containsExactly(
                        new Manifest.LeftOut("rotated.log", "deleted while the backup was made")));
  }

  @Test
  void withoutSpaceItDoesNotBegin() throws Exception {
    Files.write(data.resolve("large"), new byte[1 << 20]);
    var backup = new Backup(data, "1.0", () -> Backup.RESERVE_BYTES + (2 << 20) - 1, () -> false);
    assertThat(backup.shortage()).isNotNull();
    assertThat(backup.write(target, NOW))
        .isInstanceOfSatisfying(
            Backup.Outcome.NoSpace.class,
            shortage ->
                assertThat(shortage.sentence())
                    .isEqualTo(
                        "a backup needs 67 MiB of free space in the data directory for a while and"
                            + " there are 66 MiB; free space and start it again"));
    assertThat(target).doesNotExist();
    assertNothingLeftInTmp();
  }

  @Test
  void itGivesUpBeforeTheDiskIsFullUnderThoseWhoStoreEvents() throws Exception {
    Files.write(data.resolve("large"), new byte[40 << 20]);
    var asked = new AtomicInteger();
    var backup =
        new Backup(
            data, "1.0", () -> asked.getAndIncrement() < 3 ? Long.MAX_VALUE : 1_000, () -> false);
    assertThat(backup.write(target, NOW))
        .isEqualTo(new Backup.Outcome.NoSpace(Backup.RESERVE_BYTES, 1_000));
    assertThat(target).doesNotExist();
    assertNothingLeftInTmp();
  }

  @Test
  void itEndsSoonWhenItIsStoppedAndLeavesNothing() throws Exception {
    Files.write(data.resolve("large"), new byte[40 << 20]);
    try (var connection = database(data.resolve("records.db"))) {
      for (int n = 0; n < 500; n++) {
        insert(connection, n);
      }
      for (int at = 1; at <= 10; at++) {
        var left = new AtomicInteger(at);
        var backup = new Backup(data, "1.0", () -> left.getAndDecrement() <= 0);
        var outcome = backup.write(target, NOW);
        if (outcome instanceof Backup.Outcome.Written) {
          assertThat(at).as("questions before its end").isGreaterThan(5);
          break;
        }
        assertThat(outcome).as("stopped at %d", at).isEqualTo(new Backup.Outcome.Stopped());
        assertThat(target).doesNotExist();
        assertNothingLeftInTmp();
        assertThat(backup.progress()).isBetween(0, 1_000);
      }
    }
  }

  @Test
  void aFolderThatIsNoDataDirectoryAndATargetThatCannotBeAreNamed() throws Exception {
    var other = Files.createDirectory(folder.resolve("other"));
    assertThat(new Backup(other, "1.0", () -> false).write(target, NOW))
        .isEqualTo(
            new Backup.Outcome.Failed(
                other.toAbsolutePath() + " is no data directory: it has no FORMAT"));
    var nowhere = folder.resolve("nowhere").resolve("backup.zip");
    assertThat(new Backup(data, "1.0", () -> false).write(nowhere, NOW))
        .isInstanceOfSatisfying(
            Backup.Outcome.Failed.class,
            failed -> assertThat(failed.sentence()).contains("NoSuchFile", "nowhere"));
    assertNothingLeftInTmp();
  }

  private Manifest write(BooleanSupplier stopped) {
    var outcome = new Backup(data, "1.0", stopped).write(target, NOW);
    assertThat(outcome).isInstanceOf(Backup.Outcome.Written.class);
    return ((Backup.Outcome.Written) outcome).manifest();
  }

  private void assertNothingLeftInTmp() throws IOException {
    var temporary = data.resolve("tmp");
    if (Files.exists(temporary)) {
      assertThat(temporary).isEmptyDirectory();
    }
  }

  private static void append(Path log, AtomicBoolean grown) {
    try {
      if (grown.compareAndSet(false, true)) {
        Files.writeString(log, "two\n", StandardOpenOption.APPEND);
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static long delete(Path file) {
    try {
      Files.deleteIfExists(file);
      return Long.MAX_VALUE;
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /// Tables as the sink has them: rows, and the position that is committed with them.
  private static Connection database(Path file) throws SQLException {
    var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (var statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = NORMAL");
      statement.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, message TEXT)");
      statement.execute("CREATE TABLE positions (id INTEGER PRIMARY KEY, position INTEGER)");
      statement.execute("INSERT INTO positions VALUES (1, -1)");
    }
    connection.setAutoCommit(false);
    return connection;
  }

  private static void insert(Connection connection, long transaction) throws SQLException {
    try (var rows = connection.prepareStatement("INSERT INTO records (message) VALUES (?)");
        var statement = connection.createStatement()) {
      for (int row = 0; row < ROWS; row++) {
        rows.setString(1, "event " + transaction + " ".repeat(200));
        rows.addBatch();
      }
      rows.executeBatch();
      statement.execute("UPDATE positions SET position = " + transaction);
    }
    connection.commit();
  }

  private static long count(Path database) throws SQLException {
    return Long.parseLong(text(database, "SELECT count(*) FROM records"));
  }

  private static String text(Path database, String query) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement();
        var found = statement.executeQuery(query)) {
      found.next();
      return found.getString(1);
    }
  }
}
