package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.pipeline.NodeMetrics;
import dev.millrace.engine.pipeline.OneShot;
import dev.millrace.engine.pipeline.PipelineServices;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What nodes for samples make of frames that nobody likes to get: without channels, with empty
/// ones, with what is no number or no finite one.
class NastyFramesTest {
  private static final List<Frame> FRAMES =
      List.of(
          Frame.trigger(0, 0),
          frame(-1, Map.of("ch0", new double[0])),
          frame(1, Map.of("ch0", new double[] {Double.NaN})),
          frame(2, Map.of("ch0", new double[] {Double.POSITIVE_INFINITY, -0.0, -1e308, 1e308})),
          frame(3, Map.of("ch0", new double[] {Double.MIN_VALUE, Double.NEGATIVE_INFINITY})),
          frame(Long.MIN_VALUE, Map.of("", new double[] {1}, "\n", new double[3])));

  @TempDir private Path folder;

  /// The number is how many of the frames the node may refuse: those without the channels it needs.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Gain|\"gain\":2|0",
        "FFT||0",
        "Filter||0",
        "SineGenerator||0",
        "Noise||0",
        "Chirp||0",
        "Square||0",
        "Triangle||0",
        "Impulse||0",
        "Router|\"metric\":\"rms\",\"op\":\">\",\"threshold\":0.5|0",
        "Router|\"metric\":\"peak\",\"op\":\"<\",\"threshold\":0.5|0",
        "Router|\"metric\":\"mean\",\"op\":\">\",\"threshold\":0.5|0",
        "Merge|\"prefix\":true|0",
        "AssertRMS|\"expected_rms\":1|6",
        "Delay||0",
        "Collect||0",
        "Print||0",
        "DebugSinkNode||0",
        "AudioSourceNode|\"buffer_size\":64|0",
        "AudioInputNode||0",
        "AudioOutputNode||1",
        "SamplesToJson||0",
        "FileSink|\"path\":\"f.csv\",\"format\":\"csv\"|0",
        "FileSink|\"path\":\"f.jsonl\"|0",
        "WavSink|\"path\":\"f.wav\"|2",
      })
  void nastyFramesDisturbNoNode(String type, String config, int refused) throws Exception {
    var problems = new Problems();
    var document =
        "{\"nodes\":[{\"id\":\"n\",\"type\":\"%s\",\"config\":{%s},\"error_policy\":\"SkipFrame\"}]}"
            .formatted(type, config == null ? "" : config);
    try (var clock = new SystemClock()) {
      var metrics = new Metrics();
      var graph =
          Documents.parse("g", document.getBytes(StandardCharsets.UTF_8), problems)
              .flatMap(tree -> Graph.read(tree, Catalogue.forChecking(), problems))
              .orElseThrow(() -> new AssertionError(problems.toString()));
      try (var signals = new SignalBus(8, clock, metrics)) {
        var services = new PipelineServices(metrics, signals, folder, true);
        var run = new OneShot("p", graph, clock, services, OneShot.Limits.DEFAULT);

        var result = run.execute(FRAMES, Set.of("n"));

        assertThat(result.failure()).isNull();
        assertThat(result.metrics().values())
            .extracting(NodeMetrics::errorsCount)
            .allSatisfy(errors -> assertThat(errors).isLessThanOrEqualTo(refused));
      }
    }
  }

  private static Frame frame(long number, Map<String, double[]> channels) {
    return new Frame(number, number, Samples.of(channels), Metadata.NONE);
  }
}
