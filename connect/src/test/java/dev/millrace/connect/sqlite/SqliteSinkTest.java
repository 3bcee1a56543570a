package dev.millrace.connect.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.connect.ConnectMetric;
import dev.millrace.connect.TestData;
import dev.millrace.connect.jetstream.JetstreamEvent;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.ProcessorRun;
import dev.millrace.testkit.node.TestNodeContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteSinkTest {
  @TempDir Path folder;

  @Test
  void keepsTheContractOfANode() throws Exception {
    var outputs =
        NodeHarness.processor(() -> new SqliteSink(SqliteConfig.DEFAULT))
            .inputs(frames(1, 200))
            .check();
    assertThat(outputs).isEmpty();
  }

  @Test
  void storesTheBytesAndWhereTheyBelong() throws Exception {
    var frames = frames(1, 50);
    store(frames, SourcePosition.exact("s", 50));

    var event = (JetstreamEvent) JetstreamEvent.read(bytes(frames.get(9)));
    try (var connection = connect()) {
      var row =
          connection
              .createStatement()
              .executeQuery(
                  "SELECT *, typeof(message), json_valid(message) FROM records WHERE id = 10");
      assertThat(row.next()).isTrue();
      assertThat(row.getString("at_uri")).isEqualTo(event.atUri());
      assertThat(row.getString("did")).isEqualTo(event.did());
      assertThat(row.getLong("time_us")).isEqualTo(event.timeUs());
      assertThat(row.getString("message")).isEqualTo(frames.get(9).body().toString());
      assertThat(row.getString("created_at")).matches("2025-06-\\d\\dT[0-9:]{8}\\.\\d{3}Z");
      assertThat(row.getString("hydrated_at")).isEqualTo(row.getString("created_at"));
      assertThat(row.getObject("cache_hit_rate")).isNull();
      assertThat(row.getString(14)).isEqualTo("text");
      assertThat(row.getInt(15)).isEqualTo(1);
    }
    assertThat(texts()).isEqualTo(frames.stream().map(f -> f.body().toString()).toList());
    assertThat(strings("SELECT name FROM sqlite_schema WHERE name LIKE 'idx_%' ORDER BY 1"))
        .containsExactly(
            "idx_records_at_uri",
            "idx_records_created_at",
            "idx_records_did",
            "idx_records_time_us");
    assertThat(strings("SELECT journal_mode FROM pragma_journal_mode")).containsExactly("wal");
  }

  @Test
  void jsonThatIsNoEventIsStoredAndWhatIsNoJsonIsRefused() throws Exception {
    try (var context = new TestNodeContext(folder);
        var run = open(context)) {
      run.batch(
          Frame.json(9, 1, "{\"a\":1}"),
          Frame.json(9, 2, "[1]"),
          Frame.json(9, 3, "{"),
          Frame.trigger(9, 4));
      run.finish();

      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("not_json", "not_json");
    }
    assertThat(texts()).containsExactly("{\"a\":1}", "[1]");
    assertThat(strings("SELECT time_us FROM records")).containsExactly("9", "9");
  }

  @Test
  void commitsByRowsByTimeAndWhenIdle() throws Exception {
    try (var context = new TestNodeContext(folder);
        var run = open(context)) {
      run.batch(frames(1, 60), SourcePosition.exact("s", 60));
      assertThat(texts()).isEmpty();
      context.clock().advance(Duration.ofMillis(50));
      run.batch(frames(61, 61), SourcePosition.exact("s", 61));
      assertThat(texts()).hasSize(61);
      run.batch(frames(62, 62), SourcePosition.exact("s", 62)).idle();
      assertThat(texts()).hasSize(61);
      context.clock().advance(Duration.ofMillis(50));
      context.awaitWake(Duration.ofSeconds(1)); // it has itself called when the row is due
      run.idle();
      assertThat(texts()).hasSize(62);
      for (int n = 63; n <= 1_061; n++) {
        run.batch(frames(n, n), SourcePosition.exact("s", n));
      }
      assertThat(texts()).hasSize(62);
      run.batch(frames(1_062, 1_062), SourcePosition.exact("s", 1_062));
      assertThat(texts()).hasSize(1_062);
      assertThat(positions()).containsExactly("s 1062 0");
      assertThat(context.metrics().count(ConnectMetric.SQLITE_ROWS, "test", "node"))
          .isEqualTo(1_062);
    }
  }

  @Test
  void aPositionWithoutRowsIsStoredOnceASecond() throws Exception {
    try (var context = new TestNodeContext(folder);
        var run = open(context)) {
      run.batch(List.of(), SourcePosition.exact("s", 5)).idle();
      assertThat(positions()).isEmpty();
      context.clock().advance(Duration.ofSeconds(1));
      run.batch(List.of(), SourcePosition.exact("s", 6)).idle();
      assertThat(positions()).containsExactly("s 6 0");
      run.batch(List.of(), SourcePosition.exact("s", 9)).finish();
      assertThat(positions()).containsExactly("s 9 0");
    }
  }

  @Test
  void whatAnEarlierRunCommittedIsSkippedAndCounted() throws Exception {
    store(frames(1, 40), SourcePosition.exact("s", 40));
    try (var context = new TestNodeContext(folder)) {
      var sink = new SqliteSink(SqliteConfig.DEFAULT);
      try (var run = NodeHarness.open(sink, context)) {
        assertThat(sink.committed("s")).hasValue(40);
        run.batch(frames(31, 50), SourcePosition.exact("s", 50)).finish();
        assertThat(
                context
                    .metrics()
                    .count(ConnectMetric.SQLITE_SKIPPED, "test", "node", "already_stored"))
            .isEqualTo(10);
      }
    }
    assertThat(texts()).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  void rowsBeyondThePositionOfTheirStreamWaitForIt() throws Exception {
    try (var context = new TestNodeContext(folder);
        var run = open(context)) {
      run.batch(List.of(), SourcePosition.exact("s", 0));
      run.batch(frames(1, 10), SourcePosition.exact("s", 4));
      settle(run);
      assertThat(texts()).hasSize(4);
      run.batch(frames(11, 12), null);
      settle(run);
      assertThat(texts()).hasSize(4);
      run.batch(List.of(), SourcePosition.exact("s", 12));
      settle(run);
      assertThat(texts()).hasSize(12);
    }
  }

  @Test
  void duplicatesOfALiveStreamAreDroppedAlsoAcrossARestart() throws Exception {
    var frames = frames(1, 30);
    store(frames.subList(0, 20), SourcePosition.repeating("live", 2_000));
    store(frames.subList(10, 30), SourcePosition.repeating("live", 1_500)); // never backwards

    assertThat(texts()).hasSize(30).doesNotHaveDuplicates();
    assertThat(positions()).containsExactly("live 2000 1");
    assertThat(strings("SELECT count(*) FROM delivery_keys")).containsExactly("30");
  }

  @Test
  void theRewindWindowForgetsByEventTimeAndByNumber() {
    var window = new RewindWindow(1_000, 3);
    var keys =
        TestData.events(6).stream()
            .map(e -> ((JetstreamEvent) JetstreamEvent.read(e)).deliveryKey())
            .toList();
    assertThat(window.add(keys.get(0), 100, Long.MAX_VALUE)).isTrue();
    assertThat(window.add(keys.get(0), 100, Long.MAX_VALUE)).isFalse();
    assertThat(window.add(keys.get(1), 1_101, Long.MAX_VALUE)).isTrue(); // ages the first
    assertThat(window.add(keys.get(0), 1_102, Long.MAX_VALUE)).isTrue();
    assertThat(window.add(keys.get(2), 9_000_000, 1_200)).isTrue(); // the far future ages nothing
    assertThat(window.size()).isEqualTo(3);
    assertThat(window.add(keys.get(3), 1_103, Long.MAX_VALUE)).isTrue();
    assertThat(window.size()).isEqualTo(3);
    assertThat(window.floor()).isEqualTo(3);
    assertThat(window.unsaved()).hasSize(5);
    window.saved();
    assertThat(window.unsaved()).isEmpty();
  }

  @Test
  void behindTwoStreamsDuplicatesAreToldByKey() throws Exception {
    try (var context = new TestNodeContext(folder)) {
      var sink = new SqliteSink(SqliteConfig.DEFAULT);
      try (var run = NodeHarness.open(sink, context)) {
        assertThat(sink.committed("a")).isEmpty();
        assertThat(sink.committed("b")).isEmpty();
        run.batch(frames(1, 10), null);
        settle(run);
        assertThat(texts()).isEmpty(); // of which kind the streams are is not known yet
        run.batch(frames(5, 20), SourcePosition.exact("a", 3));
        run.batch(List.of(), SourcePosition.exact("b", 3));
        settle(run);
        assertThat(texts()).hasSize(20).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void aRowThatTheDatabaseRefusesIsReportedAndItsNeighboursAreStored() throws Exception {
    store(frames(1, 1), SourcePosition.exact("s", 1));
    try (var connection = connect()) {
      connection
          .createStatement()
          .execute(
              "CREATE TRIGGER picky BEFORE INSERT ON records WHEN new.message LIKE '%\"poison\"%'"
                  + " BEGIN SELECT RAISE(ABORT, 'no poison here'); END");
    }
    try (var context = new TestNodeContext(folder);
        var run = open(context)) {
      var batch = new ArrayList<>(frames(2, 4));
      batch.add(
          Frame.json(5, 5, "{\"did\":\"a\",\"time_us\":5,\"kind\":\"identity\",\"x\":\"poison\"}"));
      batch.addAll(frames(6, 8));
      run.batch(batch, SourcePosition.exact("s", 8)).finish();

      assertThat(context.rejections()).hasSize(1);
      assertThat(context.rejections().getFirst().reason()).isEqualTo("refused_by_database");
      assertThat(context.rejections().getFirst().sentence()).contains("no poison here");
      assertThat(context.trouble()).isNull();
    }
    assertThat(texts()).hasSize(7);
    assertThat(positions()).containsExactly("s 8 0");
  }

  @Test
  void aFullDiskIsWaitedForAndNothingIsLost() throws Exception {
    var config = SqliteConfig.DEFAULT.withMaxSize(new dev.millrace.core.spec.ByteSize(1 << 20));
    try (var context = new TestNodeContext(folder);
        var run = NodeHarness.open(new SqliteSink(config), context)) {
      int stored = 0;
      var writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int n = 1; n <= 3_000; n += 50) {
                        run.batch(frames(n, n + 49), SourcePosition.exact("s", n + 49));
                        settle(run);
                      }
                    } catch (Exception failure) {
                      throw new IllegalStateException(failure);
                    }
                  });
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (writer.isAlive() && System.nanoTime() < deadline) {
        if (context.trouble() != null && context.clock().pendingTimers() > 0) {
          assertThat(context.trouble())
              .contains("records.db")
              .contains("storing goes on by itself");
          stored += take();
          context.clock().advance(Duration.ofSeconds(1));
        }
        Thread.onSpinWait();
      }
      writer.join(Duration.ofSeconds(5));

      assertThat(writer.isAlive()).isFalse();
      assertThat(context.trouble()).isNull();
      assertThat(context.troubles()).isNotEmpty();
      assertThat(stored).isPositive();
      assertThat(stored + take()).isEqualTo(3_000);
      assertThat(context.metrics().count(ConnectMetric.SQLITE_RETRIES, "test", "node"))
          .isPositive();
    }
  }

  @Test
  void waitingForADiskEndsWhenInterrupted() throws Exception {
    try (var context = new TestNodeContext(folder);
        var run = open(context);
        var other = connect()) {
      other.setAutoCommit(false);
      other.createStatement().execute("DELETE FROM records"); // holds the lock
      var failure = new Exception[1];
      var writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      run.batch(frames(1, 1), SourcePosition.exact("s", 1));
                      settle(run);
                    } catch (Exception interrupted) {
                      failure[0] = interrupted;
                    }
                  });
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (context.clock().pendingTimers() == 0 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(context.trouble()).contains("another process is writing");
      writer.interrupt();
      writer.join(Duration.ofSeconds(5));
      assertThat(failure[0]).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aFileThatIsNotOursIsLeftAloneWithASentence() throws Exception {
    var file = folder.resolve("records.db");
    Files.writeString(file, "this is a diary, not a database, and longer than a header".repeat(9));
    assertThatThrownBy(() -> store(List.of(), null))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("records.db is damaged")
        .hasMessageContaining("path");

    Files.delete(file);
    try (var connection = connect()) {
      connection.createStatement().execute("CREATE TABLE diary (page TEXT)");
    }
    var before = Files.readAllBytes(file);
    assertThatThrownBy(() -> store(List.of(), null))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("another program");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void aNewerSchemaIsRefusedAndADatabaseInUseToo() throws Exception {
    store(frames(1, 1), SourcePosition.exact("s", 1));
    try (var connection = connect()) {
      connection.setAutoCommit(false);
      connection.createStatement().execute("DELETE FROM records");
      assertThatThrownBy(() -> store(List.of(), null))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("another process is writing to");
    }
    try (var connection = connect()) {
      connection.createStatement().execute("PRAGMA user_version = 9");
    }
    assertThatThrownBy(() -> store(List.of(), null))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("schema version 9; this program knows 1");
    Files.delete(folder.resolve("records.db"));
    Files.createDirectory(folder.resolve("records.db"));
    assertThatThrownBy(() -> store(List.of(), null))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("records.db cannot be written");
  }

  /// Lets the batch time pass without input.
  private static void settle(ProcessorRun run) throws Exception {
    run.context().clock().advance(Duration.ofMillis(50));
    run.idle();
  }

  private int take() throws Exception {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      return statement.executeUpdate("DELETE FROM records");
    }
  }

  private void store(List<Frame> frames, @org.jspecify.annotations.Nullable SourcePosition position)
      throws Exception {
    try (var context = new TestNodeContext(folder);
        var run = open(context)) {
      run.batch(frames, position).finish();
    }
  }

  private static ProcessorRun open(TestNodeContext context) throws Exception {
    return NodeHarness.open(
        (SqliteSink) SqliteSink.TYPE.factory().apply(SqliteConfig.DEFAULT.withBatchRows(1_000)),
        context);
  }

  private List<String> texts() throws Exception {
    return strings("SELECT message FROM records ORDER BY id");
  }

  private List<String> positions() throws Exception {
    return strings("SELECT stream || ' ' || ordinal || ' ' || repeats FROM positions");
  }

  private List<String> strings(String sql) throws Exception {
    var found = new ArrayList<String>();
    try (var connection = connect();
        var rows = connection.createStatement().executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }

  private Connection connect() throws Exception {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("records.db"));
  }

  private static byte[] bytes(Frame frame) {
    return frame.body().toString().getBytes(StandardCharsets.UTF_8);
  }

  private static final List<byte[]> EVENTS = TestData.events(3_100);

  /// Events `from` to `to`, numbered so.
  static List<Frame> frames(int from, int to) {
    var frames = new ArrayList<Frame>();
    for (int n = from; n <= to; n++) {
      var bytes = EVENTS.get(n - 1);
      frames.add(new Frame(n, n, new Body.JsonBytes(bytes), dev.millrace.core.frame.Metadata.NONE));
    }
    return frames;
  }
}
