package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.server.RunSummary.PipelineFigures;
import dev.millrace.core.json.Json;
import dev.millrace.engine.flow.BatchTimes;
import dev.millrace.engine.pipeline.NodeState;
import dev.millrace.engine.pipeline.PipelineSnapshot;
import dev.millrace.engine.pipeline.PipelineState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunSummaryTest {
  private static final RunSummary SUMMARY =
      new RunSummary(
          List.of(
              new PipelineFigures(
                  new PipelineSnapshot(
                      "labels",
                      new PipelineState.Completed(1_998),
                      Duration.ofMillis(12_340),
                      List.of(
                          line("firehose", "Replay", 0, 2_000, 0, 2, null),
                          line("store", "SqliteSink", 2_000, 0, 1, 0, "the disk is full")),
                      List.of()),
                  2_000,
                  Optional.of("store: the disk is full"))),
          List.of(),
          17,
          3);

  @Test
  void peopleGetALineForEachPipelineAndNodeWithWhatWentWrongAtItsEnd() {
    assertThat(SUMMARY.text())
        .isEqualTo(
            """
            labels: 2,000 events read in 12.3 s, completed
              firehose             0 in         2,000 out  2 refused
              store            2,000 in             0 out  1 errors  the disk is full
            """);
  }

  @Test
  void machinesGetTheSameByName() {
    assertThat(Json.tree(SUMMARY.json().toString().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(
            Json.tree(
                """
                {"pipelines":{"labels":{"state":"Completed","events_read":2000,"nodes":{
                  "firehose":{"type":"Replay","frames_in":0,"frames_out":2000,"errors":0,"rejected":2},
                  "store":{"type":"SqliteSink","frames_in":2000,"frames_out":0,"errors":1,"rejected":0}
                }}},"topics":{}}
                """
                    .getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void theFirstTroubleSpeaksForAll() {
    assertThat(SUMMARY.trouble()).hasValue("store: the disk is full");
    assertThat(SUMMARY.eventsRead()).isEqualTo(2_000);
  }

  @Test
  void nothingToTellIsNoText() {
    assertThat(new RunSummary(List.of(), List.of(), 0, 0).text()).isEmpty();
  }

  private static PipelineSnapshot.NodeLine line(
      String id,
      String type,
      long in,
      long out,
      long errors,
      long rejected,
      @org.jspecify.annotations.Nullable String trouble) {
    return new PipelineSnapshot.NodeLine(
        id,
        type,
        in,
        out,
        errors,
        rejected,
        0,
        trouble,
        new PipelineSnapshot.Standing(NodeState.RUNNING, 0, null),
        new PipelineSnapshot.Load(0, 0, new BatchTimes.Quantiles(0, 0, 0)));
  }
}
