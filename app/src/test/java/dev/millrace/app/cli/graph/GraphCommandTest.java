package dev.millrace.app.cli.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.cli.CommandFixture;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// The graph commands.
class GraphCommandTest extends CommandFixture {
  private static final String GRAPH =
      """
      nodes:
        - { id: tone, type: SineGenerator, config: { frame_size: 4 } }
        - { id: gain, type: Gain, config: { gain_db: 6 } }
      connections:
        - { from: tone, to: gain }
      """;

  @Test
  void helpListsItsCommands() {
    assertThat(graph()).isZero();
    assertThat(out()).contains("check", "run", "test", "echo", "draw", "nodes", "pool");
    assertThat(graph("rnu")).isEqualTo(2);
  }

  @Test
  void checkNamesEveryProblemByItsPlace() throws IOException {
    assertThat(graph("check", write("tone.yaml", GRAPH))).as(err()).isZero();
    assertThat(out()).contains("No errors", "2 nodes, 1 edge.");
    var broken = write("broken.yaml", GRAPH.replace("type: Gain", "type: Gian"));
    assertThat(graph("check", broken)).isEqualTo(1);
    assertThat(err()).contains("broken.yaml:3:", "error: ", "Gain").doesNotContain("\tat ");
    out.reset();
    assertThat(graph("check", broken, "--json")).isEqualTo(1);
    var json = Json.tree(out().getBytes(StandardCharsets.UTF_8));
    assertThat(json.path("ok").asBoolean()).isFalse();
    assertThat(json.path("errors").get(0).path("line").asInt()).isEqualTo(3);
  }

  @Test
  void strictMakesWarningsErrors() throws IOException {
    var file = write("tone.yaml", GRAPH + "colour: red\n");
    assertThat(graph("check", file)).isZero();
    assertThat(graph("check", file, "--strict")).isEqualTo(1);
  }

  @Test
  void aMissingFileAndAMissingPipelineAreSaidInASentence() throws IOException {
    assertThat(graph("run", folder.resolve("none.yaml").toString())).isEqualTo(78);
    assertThat(err()).contains("there is no such file");
    var indented = GRAPH.indent(6).stripTrailing();
    var config =
        write("millrace.yaml", "pipelines:\n  - name: one\n    graph:\n" + indented + "\n");
    assertThat(graph("draw", config)).as(err()).isZero();
    assertThat(graph("draw", config + "#one")).isZero();
    assertThat(graph("draw", config + "#two")).isEqualTo(78);
    assertThat(err()).contains("the configuration has no pipeline two");
  }

  @Test
  void aBranchForWhichNothingIsEmittedIsAWarning() throws IOException {
    var file =
        write(
            "router.yaml",
            """
            nodes:
              - {id: loud, type: Router, config: {metric: rms, op: ">", threshold: 1}}
              - {id: kept, type: Collect}
            connections: [{from: loud, to: kept, branch: maybe}]
            """);
    assertThat(graph("check", file)).as(err()).isZero();
    assertThat(out() + err())
        .contains("nothing will come this way: loud emits for the branches [true, false]")
        .contains("[W_BRANCH]");
  }

  @Test
  void runOnceWritesTheTriggersInOrder() throws IOException {
    var file = write("tone.yaml", GRAPH);
    assertThat(
            graph(
                "run",
                file,
                "--once",
                "--triggers",
                "3",
                "--interval-ms",
                "10",
                "--collect",
                "gain"))
        .as(err())
        .isZero();
    var lines = out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(2)).contains("\"timestamp\":20000,\"sequence_id\":2");
  }

  @Test
  void runStreamsCollectsAndReports() throws IOException {
    var file = write("tone.yaml", GRAPH);
    var target = folder.resolve("out.jsonl");
    assertThat(
            graph(
                "run",
                file,
                "--triggers",
                "5",
                "--collect",
                "gain",
                "--out",
                target.toString(),
                "--report"))
        .as(err())
        .isZero();
    assertThat(Files.readAllLines(target)).hasSize(5);
    assertThat(out()).contains("=== Pipeline Metrics ===", "Frames: 5 frames processed");
    assertThat(err()).contains("tone: 5 frames at the end");
    assertThat(graph("run", file, "--interval-ms", "1", "--for", "50ms")).as(err()).isZero();
  }

  @Test
  void runGoesOnFromACheckpointUnlessItIsToBeFresh() throws IOException {
    var file = write("tone.yaml", "pipeline_config: { checkpoint: {} }\n" + GRAPH);
    var data = folder.resolve("data").toString();
    assertThat(graph("run", file, "--data-dir", data, "--collect", "tone")).as(err()).isZero();
    var first = out();
    assertThat(graph("run", file, "--data-dir", data, "--collect", "tone")).as(err()).isZero();
    var both = out();
    assertThat(both.substring(first.length())).isNotBlank().isNotEqualTo(first);
    assertThat(graph("run", file, "--data-dir", data, "--collect", "tone", "--fresh"))
        .as(err())
        .isZero();
    assertThat(out().substring(both.length())).isEqualTo(first);
  }

  @Test
  void aRunAtOnceReportsWhatEachNodeHasCounted() throws IOException {
    var file = write("tone.yaml", GRAPH);
    assertThat(graph("run", file, "--once", "--triggers", "3", "--report")).as(err()).isZero();
    assertThat(out().replaceAll("Latency: \\d+", "Latency: N"))
        .isEqualTo(
            """
            === Pipeline Metrics ===

            [tone]
              Frames: 3 frames processed
              Errors: 0 errors
              Avg Latency: Nμs

            [gain]
              Frames: 3 frames processed
              Errors: 0 errors
              Avg Latency: Nμs
            """);
    out.reset();
    var failing =
        write(
            "failing.yaml",
            GRAPH.replace(
                "type: Gain, config: { gain_db: 6 }",
                "type: AssertRMS, config: {expected_rms: 9}"));
    assertThat(graph("run", failing, "--once", "--report")).isEqualTo(1);
    assertThat(out()).contains("[gain]\n  Frames: 0 frames processed\n  Errors: 1 error\n");
  }

  @Test
  void aRunThatDoesNotDrainInTimeSaysWhatWasLeft() throws IOException {
    var slow =
        write(
            "slow.yaml",
            "pipeline_config: { drain_timeout_ms: 100 }\n"
                + GRAPH.replace(
                    "type: Gain, config: { gain_db: 6 }", "type: Delay, config: {ms: 60000}"));
    assertThat(graph("run", slow, "--triggers", "3")).isEqualTo(70);
    assertThat(err()).contains("the drain ran out of time; 3 frames were left").contains("gain");
  }

  @Test
  void aGraphWithAClockRunsByItUntilTheTimeIsOver() throws IOException {
    var clock =
        write(
            "clock.yaml",
            """
            nodes:
              - {id: clock, type: TriggerSource, config: {interval_ms: 1}}
              - {id: tone, type: SineGenerator, config: {frame_size: 4}}
              - {id: kept, type: Collect, config: {terminal: true}}
            connections: [{from: clock, to: tone}, {from: tone, to: kept}]
            """);
    assertThat(graph("run", clock, "--for", "300ms", "--collect", "kept")).as(err()).isZero();
    var lines = out().lines().toList();
    assertThat(lines).hasSizeGreaterThan(2).allMatch(line -> line.contains("trigger_id"));
    assertThat(lines.get(1)).contains("\"sequence_id\":1");
    out.reset();
    assertThat(graph("run", clock, "--triggers", "2", "--collect", "tone")).as(err()).isZero();
    assertThat(out()).contains("\"sequence_id\":1");
  }

  @Test
  void framesThatAreCollectedFromAFastGraphAreAllThere() throws IOException {
    var file =
        write(
            "fast.yaml",
            """
            nodes:
              - {id: tone, type: SineGenerator, config: {frame_size: 1}}
              - {id: end, type: Collect, config: {terminal: true, max_frames: 1}}
            connections: [{from: tone, to: end}]
            """);
    var target = folder.resolve("out.jsonl");
    assertThat(
            graph(
                "run",
                file,
                "--triggers",
                "200000",
                "--collect",
                "tone",
                "--out",
                target.toString()))
        .as(err())
        .isZero();
    assertThat(err()).doesNotContain("too fast");
    try (var lines = Files.lines(target)) {
      assertThat(lines.count()).isEqualTo(200_000);
    }
  }

  @Test
  void aClockThatCountsEndsTheRun() throws IOException {
    var clock =
        write(
            "clock.yaml",
            """
            nodes:
              - {id: clock, type: TriggerSource, config: {mode: count, count: 3, interval_ms: 1}}
              - {id: kept, type: Collect}
            connections: [{from: clock, to: kept}]
            """);
    assertThat(graph("run", clock, "--collect", "clock")).as(err()).isZero();
    assertThat(out().lines()).hasSize(3);
    assertThat(err()).contains("clock: 3 frames at the end");
  }

  @Test
  void aFileThatCannotBeWrittenIsSaidBeforeTheRun() throws IOException {
    var file = write("tone.yaml", GRAPH);
    var nowhere = folder.resolve("none/out.jsonl").toString();
    assertThat(graph("run", file, "--collect", "gain", "--out", nowhere)).isEqualTo(1);
    assertThat(graph("run", file, "--once", "--collect", "gain", "--out", nowhere)).isEqualTo(1);
    assertThat(err()).contains("out.jsonl cannot be written", "Name another file.");
  }

  @Test
  void moreRunsThanMayWaitAreAllMade() throws IOException {
    var file = write("clock.yaml", "nodes: [{id: a, type: Collect}]\n");
    assertThat(graph("pool", file, "--max", "2", "--runs", "100")).as(err()).isZero();
    assertThat(out()).contains("100 runs completed, 0 failed");
  }

  @Test
  void optionsThatMakeNoSenseTogetherAreUsage() throws IOException {
    var file = write("tone.yaml", GRAPH);
    assertThat(graph("run", file, "--once", "--fresh")).isEqualTo(2);
    assertThat(graph("run", file, "--out", "x")).isEqualTo(2);
    assertThat(graph("run", file, "--once", "--for", "1s")).isEqualTo(2);
    assertThat(graph("run", file, "--collect", "gian")).isEqualTo(2);
    assertThat(err()).contains("Did you mean gain?");
    assertThat(graph("pool", file, "--max", "0", "--runs", "1")).isEqualTo(2);
    assertThat(graph("pool", file, "--max", "10001", "--runs", "1")).isEqualTo(2);
  }

  @Test
  void testsInTheDocumentAndBesideItAreRun() throws IOException {
    var file = write("tone.yaml", GRAPH + "tests: [{name: one, targets: {gain: {count: 1}}}]\n");
    assertThat(graph("test", file)).as(err()).isZero();
    assertThat(out()).contains("ok    one", "1 test passed.");
    write("tone.tests.yaml", "- {name: two, triggers: 3, targets: {gain: {count: 2}}}\n");
    assertThat(graph("test", file)).isEqualTo(1);
    assertThat(out()).contains("FAIL  two", "gain: emitted 3 frames, not 2", "1 failed.");
    out.reset();
    assertThat(graph("test", file, "--json")).isEqualTo(1);
    assertThat(Json.tree(out().getBytes(StandardCharsets.UTF_8)).path("tests")).hasSize(2);
  }

  @Test
  void echoDrawNodesAndPoolSayWhatThereIs() throws IOException {
    var file = write("tone.yaml", GRAPH);
    assertThat(graph("echo", file)).isZero();
    assertThat(out()).contains("\"connections\"");
    assertThat(graph("draw", file, "--format", "mermaid")).isZero();
    assertThat(graph("draw", file, "--format", "dot")).isZero();
    assertThat(out()).contains("flowchart LR", "digraph");
    assertThat(graph("nodes")).isZero();
    assertThat(graph("nodes", "gain")).isZero();
    assertThat(out()).contains("Sources", "SineGenerator", "gain_db");
    assertThat(out()).contains("default 0.0; usually from 0 up to 80");
    assertThat(graph("nodes", "Gian")).isEqualTo(2);
    assertThat(graph("nodes", "Gain", "--json")).isZero();
    assertThat(graph("pool", file, "--max", "3", "--runs", "10")).as(err()).isZero();
    assertThat(out()).contains("10 runs completed, 0 failed");
  }

  private static int graph(String... args) {
    var all = new String[args.length + 1];
    all[0] = "graph";
    System.arraycopy(args, 0, all, 1, args.length);
    return millrace(all);
  }
}
