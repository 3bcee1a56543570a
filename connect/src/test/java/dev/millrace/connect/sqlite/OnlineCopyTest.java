package dev.millrace.connect.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnlineCopyTest {
  private static final int ROWS = 100; // of each transaction

  @TempDir Path folder;

  @Test
  void aCopyOfADatabaseInUseHoldsWholeTransactionsOnly() throws Exception {
    var database = folder.resolve("records.db");
    var enough = new AtomicBoolean();
    var begun = new CountDownLatch(20);
    try (var store = RecordStore.open(database, 0);
        var threads = Executors.newSingleThreadExecutor()) {
      var writer = threads.submit(() -> insert(store, enough, begun));
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      for (int n = 0; n < 5; n++) {
        var copy = folder.resolve("copy" + n);
        assertThat(OnlineCopy.copy(database, copy, () -> true)).isTrue();
        assertThat(strings(copy, "PRAGMA integrity_check")).containsExactly("ok");
        assertThat(number(copy, "SELECT count(*) % 100 FROM records")).as("copy %d", n).isZero();
        assertThat(number(copy, "SELECT count(*) FROM records"))
            .as("copy %d", n)
            .isGreaterThanOrEqualTo(20L * ROWS)
            .isEqualTo(number(copy, "SELECT count FROM transactions") * ROWS);
      }
      enough.set(true);
      long written = writer.get(30, TimeUnit.SECONDS);
      assertThat(number(database, "SELECT count(*) FROM records")).isEqualTo(written * ROWS);
    }
  }

  @Test
  void aCopyIsADatabaseThatTheStoreOpens() throws Exception {
    var database = folder.resolve("records.db");
    try (var store = RecordStore.open(database, 0)) {
      store.write(transaction(1), "now");
    }
    var copy = folder.resolve("copy.db");
    assertThat(OnlineCopy.copy(database, copy, () -> true)).isTrue();
    assertThat(folder.resolve("copy.db-wal")).doesNotExist();
    try (var store = RecordStore.open(copy, 0)) {
      assertThat(store.transactions()).isEqualTo(1);
      store.write(transaction(2), "now");
    }
    assertThat(number(copy, "SELECT max(id) FROM records")).isEqualTo(2L * ROWS);
  }

  @Test
  void aCopyThatIsStoppedLeavesNothingAndHarmsNothing() throws Exception {
    var database = folder.resolve("records.db");
    try (var store = RecordStore.open(database, 0)) {
      for (int n = 0; n < 200; n++) {
        store.write(transaction(n), "now");
      }
      var copy = folder.resolve("copy.db");
      var asked = new AtomicInteger();
      assertThat(OnlineCopy.copy(database, copy, () -> asked.incrementAndGet() < 2)).isFalse();
      assertThat(asked).hasValue(2);
      assertThat(copy).doesNotExist();
      store.write(transaction(200), "now");
      assertThat(OnlineCopy.copy(database, copy, () -> true)).isTrue();
      assertThat(number(copy, "SELECT count(*) FROM records")).isEqualTo(201L * ROWS);
    }
  }

  @Test
  void onlyDatabasesAreTakenForOne() throws Exception {
    var database = folder.resolve("records.db");
    try (var store = RecordStore.open(database, 0)) {
      store.write(transaction(1), "now");
      assertThat(OnlineCopy.isDatabase(database)).isTrue();
    }
    assertThat(OnlineCopy.isDatabase(database)).as("closed").isTrue();
    assertThat(OnlineCopy.isDatabase(Files.createFile(folder.resolve("empty")))).isFalse();
    assertThat(OnlineCopy.isDatabase(Files.writeString(folder.resolve("short"), "x"))).isFalse();
    var page = Files.writeString(folder.resolve("page"), "x".repeat(4_096));
    assertThat(OnlineCopy.isDatabase(page)).isFalse();
    assertThat(page).hasContent("x".repeat(4_096));
    assertThatThrownBy(() -> OnlineCopy.isDatabase(folder.resolve("nothing")))
        .isInstanceOf(IOException.class);
    assertThat(folder.resolve("nothing")).doesNotExist();
  }

  @Test
  void aDamagedDatabaseIsNamed() throws Exception {
    var database = folder.resolve("records.db");
    try (var store = RecordStore.open(database, 0)) {
      for (int n = 0; n < 20; n++) {
        store.write(transaction(n), "now");
      }
    }
    var bytes = Files.readAllBytes(database);
    java.util.Arrays.fill(bytes, 8_192, bytes.length / 2, (byte) 0x5A);
    Files.write(database, bytes);
    var copy = folder.resolve("copy.db");
    assertThatThrownBy(() -> OnlineCopy.copy(database, copy, () -> true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("records.db cannot be copied");
    assertThat(copy).doesNotExist();
  }

  private static long insert(RecordStore store, AtomicBoolean enough, CountDownLatch begun)
      throws SQLException {
    long written = 0;
    while (!enough.get()) {
      store.write(transaction(written++), "now");
      begun.countDown();
    }
    return written;
  }

  private static Transaction transaction(long number) {
    var rows = new ArrayList<StoredRow>();
    for (int row = 0; row < ROWS; row++) {
      long at = number * ROWS + row;
      var text = "{\"n\":" + at + ",\"text\":\"" + "post ".repeat(40) + "\"}";
      rows.add(
          new StoredRow(
              at, "at://" + at, "did:" + at % 97, at, text.getBytes(StandardCharsets.UTF_8)));
    }
    return new Transaction(rows, List.of(), List.of(), 0);
  }

  private static long number(Path file, String query) throws SQLException {
    return Long.parseLong(strings(file, query).getFirst());
  }

  private static List<String> strings(Path file, String query) throws SQLException {
    var found = new ArrayList<String>();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }
}
