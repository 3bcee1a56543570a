package dev.millrace.connect.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.connect.TestData;
import dev.millrace.connect.replay.ReplayConfig;
import dev.millrace.connect.replay.ReplaySource;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that break off anywhere, beside the naive model of a stream that was stored once.
class CrashWalkTest {
  private static final int EVENTS = 1_500;

  @TempDir Path folder;

  @Test
  void anExactStreamIsStoredOnceWhateverBreaksOff() throws Exception {
    for (long seed = 1; seed <= 6; seed++) {
      var random = new Random(seed);
      var database = Files.createDirectory(folder.resolve("exact" + seed));
      int at = 0;
      while (at < EVENTS) {
        try (var context = new TestNodeContext(database)) {
          var sink = new SqliteSink(SqliteConfig.DEFAULT.withBatchRows(1 + random.nextInt(200)));
          try (var run = NodeHarness.open(sink, context)) {
            at = (int) sink.committed("s").orElse(0);
            at -= Math.min(at, random.nextInt(50)); // another sink may be behind this one
            int end = at + random.nextInt(700);
            while (at < Math.min(end, EVENTS)) {
              int to = Math.min(EVENTS, at + random.nextInt(65));
              boolean followed = random.nextInt(5) == 0;
              run.batch(
                  SqliteSinkTest.frames(at + 1, to),
                  followed ? null : SourcePosition.exact("s", to));
              at = to;
              if (random.nextInt(4) == 0) {
                run.idle();
              }
              context.clock().advance(Duration.ofMillis(random.nextInt(60)));
            }
            if (at == EVENTS) {
              run.batch(List.of(), SourcePosition.exact("s", EVENTS)).finish();
            }
          }
        }
      }
      assertThat(messages(database)).as("seed %d", seed).isEqualTo(model());
    }
  }

  @Test
  void aLiveStreamIsStoredOnceWhateverBreaksOffAndRewinds() throws Exception {
    for (long seed = 1; seed <= 6; seed++) {
      var random = new Random(seed);
      var database = Files.createDirectory(folder.resolve("live" + seed));
      int at = 0;
      while (at < EVENTS) {
        try (var context = new TestNodeContext(database)) {
          var sink = new SqliteSink(SqliteConfig.DEFAULT.withBatchRows(1 + random.nextInt(200)));
          try (var run = NodeHarness.open(sink, context)) {
            at = (int) sink.committed("live").orElse(0);
            int end = at + random.nextInt(700);
            while (at < Math.min(end, EVENTS)) {
              if (random.nextInt(6) == 0) {
                at -= Math.min(at, random.nextInt(300)); // a reconnect
              }
              int to = Math.min(EVENTS, at + random.nextInt(65));
              run.batch(
                  SqliteSinkTest.frames(at + 1, to),
                  random.nextInt(5) == 0 ? null : SourcePosition.repeating("live", to));
              at = to;
              if (random.nextInt(4) == 0) {
                run.idle();
              }
              context.clock().advance(Duration.ofMillis(random.nextInt(60)));
            }
            if (at == EVENTS) {
              run.batch(List.of(), SourcePosition.repeating("live", EVENTS)).finish();
            }
          }
        }
      }
      assertThat(messages(database)).as("seed %d", seed).isEqualTo(model());
    }
  }

  @Test
  void aRecordingGoesInByteForByte() throws Exception {
    check(TestData.write(folder.resolve("made.jsonl"), TestData.events(152)), 152);
    var real = TestData.recording("expected_v1.jsonl");
    if (real.isPresent()) {
      check(real.get(), 152);
    }
    var golden = TestData.recording("golden_v1.jsonl");
    if (golden.isPresent()) {
      check(golden.get(), 10);
    }
  }

  private static void check(Path recording, int rows) throws Exception {
    try (var context = new TestNodeContext();
        var source =
            NodeHarness.open(new ReplaySource(ReplayConfig.of(recording.toString())), context);
        var sink = NodeHarness.open(new SqliteSink(SqliteConfig.DEFAULT), context)) {
      int given = 0;
      while (!source.done()) {
        source.poll(7);
        var outputs = source.outputs();
        sink.batch(outputs.subList(given, outputs.size()), source.position());
        given = outputs.size();
      }
      sink.finish();
      var stored = String.join("\n", messages(context.dataDirectory())) + "\n";
      assertThat(stored).isEqualTo(Files.readString(recording));
      assertThat(given).isEqualTo(rows);
      assertThat(context.rejections()).isEmpty();
    }
  }

  private static List<String> model() {
    return SqliteSinkTest.frames(1, EVENTS).stream().map(CrashWalkTest::text).toList();
  }

  private static String text(Frame frame) {
    return frame.body().toString();
  }

  private static List<String> messages(Path folder) throws Exception {
    var found = new ArrayList<String>();
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("records.db"));
        var rows =
            connection
                .createStatement()
                .executeQuery("SELECT CAST(message AS BLOB) FROM records ORDER BY id")) {
      while (rows.next()) {
        found.add(new String(rows.getBytes(1), StandardCharsets.UTF_8));
      }
    }
    return found;
  }
}
