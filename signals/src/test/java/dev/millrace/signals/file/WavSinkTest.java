package dev.millrace.signals.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.signals.control.Fixture;
import dev.millrace.signals.sample.SampleFormat;
import dev.millrace.testkit.node.NodeHarness;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is left of a WAV file, however its writing ends.
class WavSinkTest extends WavFiles {
  @Test
  void aKilledProcessLeavesAFileThatCanBePlayed() throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink("{path: a.wav}"), context)) {
      for (int i = 0; i < 4; i++) {
        run.batch(Fixture.frame(i, "a", new double[10]));
        assertThat(read("{path: a.wav, frame_size: 10}", 0)).hasSize(i + 1);
      }
    }
  }

  @Test
  void aFrameOfAnotherShapeIsAnErrorAndTheOthersAreWritten() throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink("{path: a.wav}"), context)) {
      run.batch(
          Fixture.frame(0, Map.of("a", new double[2], "b", new double[2])),
          Fixture.frame(1, "a", 1),
          Fixture.frame(2, Map.of("a", new double[2], "c", new double[2])),
          Fixture.frame(3, Map.of("a", new double[2], "b", new double[3])),
          Frame.trigger(4, 4),
          new Frame(5, 5, Samples.NONE, Metadata.NONE),
          Fixture.frame(6, Map.of("a", new double[2], "b", new double[2])));
      run.finish();
      assertThat(run.failures()).hasSize(3);
      assertThat(context.rejections()).hasSize(1);
      assertThat(read("{path: a.wav, frame_size: 2}", 0)).hasSize(2);
    }
  }

  @Test
  void theRateIsThatOfTheFirstFrameAndAFullFileSaysSo() throws Exception {
    var frame = Fixture.frame(0, "a", new double[10]);
    write(
        "{path: a.wav}", List.of(frame.withMetadata(Metadata.NONE.with("sample_rate", "44100.0"))));
    assertThat(read("{path: a.wav}", 0).getFirst().metadata().entries())
        .containsEntry("sample_rate", "44100");
    write("{path: a.wav}", List.of(frame.withMetadata(Metadata.NONE.with("sample_rate", "fast"))));
    assertThat(read("{path: a.wav}", 0).getFirst().metadata().entries())
        .containsEntry("sample_rate", "48000");
    var small =
        new WavSink(new WavSink.Config("a.wav", SampleFormat.F64, 1, 1), Output::open, 44 + 80);
    try (var context = context();
        var run = NodeHarness.open(small, context)) {
      run.batch(frame, frame);
      assertThat(run.failures())
          .singleElement()
          .satisfies(f -> assertThat(f).hasMessageContaining("4 GiB"));
    }
  }

  @Test
  void aFullDiskHoldsTheFramesUpAndLosesNone() throws Exception {
    var files = new ArrayList<FailingFile>();
    var sink =
        new WavSink(
            new WavSink.Config("a.wav", SampleFormat.I16, 48_000, 1),
            path -> {
              files.add(new FailingFile(path));
              return files.getFirst();
            },
            WavSink.MOST_BYTES);
    try (var context = context();
        var run = NodeHarness.open(sink, context)) {
      files.getFirst().full(true);
      run.batch(Fixture.frame(0, "a", 0.5));
      assertThat(run.ready()).isFalse();
      assertThat(sink.heldFrames()).isEqualTo(1);
      files.getFirst().full(false);
      context.clock().advance(Duration.ofSeconds(1));
      assertThat(run.ready()).isTrue();
      run.batch(Fixture.frame(1, "a", -0.5)).idle().finish();
    }
    assertThat(((Samples) read("{path: a.wav}", 0).getFirst().body()).channel("ch0"))
        .containsExactly(0.5, -0.5);
  }

  @Test
  void aRestartedNodeGoesOnAndACheckpointCutsOffWhatCameLater() throws Exception {
    byte[] state = null;
    try (var context = context()) {
      for (int i = 0; i < 3; i++) {
        var sink = sink("{path: a.wav}");
        try (var run = NodeHarness.open(sink, context)) {
          run.batch(Fixture.frame(i, "a", i));
          state = i == 1 ? Fixture.saved(sink) : state;
        }
      }
    }
    assertThat(((Samples) read("{path: a.wav}", 0).getFirst().body()).channel("ch0"))
        .containsExactly(0, 1, 2);
    var sink = sink("{path: a.wav}");
    try (var context = context();
        var run = NodeHarness.open(sink, context)) {
      Fixture.restore(sink, java.util.Objects.requireNonNull(state));
      run.batch(Fixture.frame(3, "a", 3)).finish();
    }
    assertThat(((Samples) read("{path: a.wav}", 0).getFirst().body()).channel("ch0"))
        .containsExactly(0, 1, 3);
    Files.write(directory.resolve("a.wav"), new byte[10]);
    var late = sink("{path: a.wav}");
    try (var context = context()) {
      late.open(context);
      var saved = state;
      assertThatThrownBy(() -> Fixture.restore(late, saved)).isInstanceOf(IOException.class);
      late.close();
    }
  }

  @Test
  void aSinkWithoutFramesLeavesNoFileAndItsStateIsEmpty() throws Exception {
    var sink = sink("{path: none.wav}");
    try (var context = context();
        var run = NodeHarness.open(sink, context)) {
      Fixture.restore(sink, Fixture.saved(sink));
      run.finish();
    }
    assertThat(directory.resolve("none.wav")).doesNotExist();
  }

  @Test
  void theSinkKeepsTheContractOfANode() throws Exception {
    assertThat(sink("{path: x}").execution()).isEqualTo(Execution.NATIVE);
    assertThat(source("{path: x}").execution()).isEqualTo(Execution.NATIVE);
    NodeHarness.processor(() -> sink("{path: h.wav}")).inputs(Fixture.frames(1, 50)).check();
  }
}
