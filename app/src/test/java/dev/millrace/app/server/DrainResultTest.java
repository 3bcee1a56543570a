package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.pipeline.PipelineSet;
import dev.millrace.engine.flow.NodeFailure;
import dev.millrace.engine.pipeline.DrainReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainResultTest {
  @Test
  void aCleanDrainHasNothingToComplainAbout() {
    var result = of(new DrainReport.Clean(5));
    assertThat(result.complaints()).isEmpty();
    assertThat(result.timedOut()).isFalse();
    assertThat(result.failed()).isFalse();
  }

  @Test
  void aLateDrainSaysHowManyFramesWereLeftAndWhere() {
    var result =
        of(
            new DrainReport.TimedOut(
                List.of(new DrainReport.Left("store", 40), new DrainReport.Left("labels", 2))));
    assertThat(result.timedOut()).isTrue();
    assertThat(result.complaints())
        .singleElement()
        .asString()
        .contains("42 frames were left at store, labels");
  }

  @Test
  void aFailedPipelineIsNamedWithItsFailure() {
    var failure = new NodeFailure("store", "process", 7, null, new IllegalStateException("broken"));
    var result = of(new DrainReport.Failed(failure));
    assertThat(result.failed()).isTrue();
    assertThat(result.complaints()).singleElement().asString().contains("p failed", "store");
  }

  private static DrainResult of(DrainReport report) {
    return new DrainResult(List.of(new PipelineSet.Stopped("p", report)));
  }
}
