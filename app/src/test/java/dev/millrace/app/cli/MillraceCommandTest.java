package dev.millrace.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The command line.
class MillraceCommandTest extends CommandFixture {
  private static final String GRAPH =
      """
      pipelines:
        - name: store
          graph:
            nodes:
              - { id: firehose, type: SimulatedFirehose, config: { rate: 0, count: 300 } }
              - { id: store, type: SqliteSink }
            connections:
              - { from: firehose, to: store }
      """;

  private static final List<String> COMMANDS =
      List.of(
          "demo",
          "run",
          "check",
          "health",
          "top",
          "tap",
          "publish",
          "subscribe",
          "backup",
          "restore",
          "version");

  @BeforeEach
  void nameHome() {
    System.setProperty("millrace.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @AfterEach
  void forgetHome() {
    System.clearProperty("millrace.home");
  }

  @Test
  void versionNamesTheJava() {
    assertThat(millrace("version")).isZero();
    assertThat(out()).startsWith("Millrace ").contains("on Java 25");
  }

  @Test
  void helpListsCommandsThatWork() {
    assertThat(millrace("help")).isZero();
    var help = out();
    for (var command : COMMANDS) {
      assertThat(help).contains("\n  " + command + " ");
      out.reset();
      assertThat(millrace("help", command)).as(command).isZero();
      assertThat(out()).contains("Usage: millrace " + command);
    }
    assertThat(help).doesNotContain("replay ");
    out.reset();
    assertThat(millrace()).as("no command at all").isZero();
    assertThat(out()).isEqualTo(help);
  }

  @Test
  void aMisspeltCommandIsUsageAndGetsASuggestion() {
    assertThat(millrace("rnu")).isEqualTo(2);
    assertThat(err()).contains("there is no command rnu", "Did you mean run?");
    err.reset();
    assertThat(millrace("xyzzy")).isEqualTo(2);
    assertThat(err()).contains("there is no command xyzzy").doesNotContain("Did you mean");
  }

  @Test
  void helpAndVersionAreOptionsToo() {
    assertThat(millrace("--version")).isZero();
    assertThat(out()).startsWith("Millrace ");
    for (var command : COMMANDS) {
      out.reset();
      assertThat(millrace(command, "--help")).as(command).isZero();
      assertThat(out()).contains("Usage: millrace " + command);
    }
    assertThat(millrace("-h")).isZero();
    assertThat(out()).contains("Usage: millrace [");
  }

  @Test
  void wrongOptionsAreUsage() {
    assertThat(millrace("run", "--relpay", "x")).isEqualTo(2);
    assertThat(err()).contains("--relpay", "Did you mean --replay?", "millrace help run");
    assertThat(millrace("check")).isEqualTo(2);
    assertThat(millrace("demo", "--for", "soon")).isEqualTo(2);
    assertThat(millrace("run", "--rate", "5")).isEqualTo(2);
    assertThat(err()).contains("needs --replay FILE");
  }

  @Test
  void aMissingRecordingIsUsage() {
    assertThat(millrace("run", "recipes/labels", "--replay", "nowhere.jsonl")).isEqualTo(2);
    assertThat(err()).contains("there is no readable file nowhere.jsonl");
  }

  @Test
  void aRecordingThatWouldStandInForNothingIsNotPassedOverInSilence() throws IOException {
    var recording = Files.writeString(folder.resolve("events.jsonl"), "");
    assertThat(run(write(GRAPH), "--replay", recording.toString())).isEqualTo(78);
    assertThat(err()).contains("no pipeline has a live source that Replay could stand in for");
  }

  @Test
  void checkCountsPipelinesAndWarnings() {
    assertThat(millrace("check", write(GRAPH))).isZero();
    assertThat(out()).contains("No errors; 1 pipeline.");
    out.reset();
    assertThat(millrace("check", write("sever: {}\n" + GRAPH))).isZero();
    assertThat(out()).contains("Did you mean server?", "No errors, 1 warning; 1 pipeline.");
    assertThat(millrace("check", write("sever: {}\n" + GRAPH), "--strict")).isEqualTo(1);
  }

  @Test
  void checkFindsEveryProblem() {
    var file = write(GRAPH.replace("SqliteSink", "SqliteSnk") + "server: { port: -1 }\n");
    assertThat(millrace("check", file)).isEqualTo(1);
    assertThat(out()).contains("SqliteSnk", "port", "2 errors.");
  }

  @Test
  void checkTakesTheFolderOfARecipe() {
    assertThat(millrace("check", "recipes/labels", "--strict")).isZero();
  }

  @Test
  void runOnceEndsWithItsSourcesAndCountsAsJson() {
    assertThat(run(write(GRAPH), "--once", "--json")).as(err()).isZero();
    var summary = Json.tree(out().getBytes(StandardCharsets.UTF_8));
    var pipeline = summary.path("pipelines").path("store");
    assertThat(pipeline.path("state").asString()).isEqualTo("Completed");
    assertThat(pipeline.path("nodes").path("store").path("frames_in").asLong()).isEqualTo(300);
    out.reset();
    assertThat(run(write(GRAPH), "--once")).isZero();
    assertThat(out()).startsWith("ready http://127.0.0.1:").contains("store: 0 events read");
  }

  @Test
  void runSaysEverythingThatIsWrongAndStartsNothing() {
    assertThat(run(write("server: { drain_timeout: soon }\nhub: { memory: lots }\n")))
        .isEqualTo(78);
    assertThat(err()).contains("drain_timeout", "memory", "2 errors; nothing was started.");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void aTakenPortIsItsOwnExitCode() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int code =
          millrace(
              "run",
              write(GRAPH),
              "--set",
              "server.port=" + taken.getLocalPort(),
              "--set",
              "server.data_dir=" + folder.resolve("data"));
      assertThat(code).isEqualTo(75);
    }
    assertThat(err()).contains("fix");
  }

  @Test
  void theDemoEndsByItselfWithASummary() {
    assertThat(
            millrace(
                "demo",
                "--for",
                "300ms",
                "--port",
                "0",
                "--set",
                "server.data_dir=" + folder.resolve("data")))
        .as(err())
        .isZero();
    assertThat(out())
        .contains("Millrace is running: http://127.0.0.1:", "labels: ", "events read in");
    assertThat(folder.resolve("data").resolve("records.db")).exists();
  }

  @Test
  void figuresAreWrittenForPeople() {
    assertThat(Messages.count(1, "error")).isEqualTo("1 error");
    assertThat(Messages.count(2_000, "error")).isEqualTo("2,000 errors");
    assertThat(Messages.rate(12.34)).isEqualTo("12.3/s");
    assertThat(Messages.rate(12_345.6)).isEqualTo("12,346/s");
    assertThat(Messages.number(1_234_567)).isEqualTo("1,234,567");
  }

  private int run(String file, String... more) {
    var args = new java.util.ArrayList<String>();
    args.add("run");
    args.add(file);
    args.addAll(
        List.of("--set", "server.port=0", "--set", "server.data_dir=" + folder.resolve("data")));
    args.addAll(List.of(more));
    return millrace(args.toArray(String[]::new));
  }

  private String write(String content) {
    try {
      return write("millrace.yaml", content);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
