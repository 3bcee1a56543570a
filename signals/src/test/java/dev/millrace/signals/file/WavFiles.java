package dev.millrace.signals.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.signals.control.Fixture;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/// A folder for WAV files, and nodes that read and write them.
abstract class WavFiles {
  @TempDir Path directory;

  void write(String config, List<Frame> frames) throws Exception {
    try (var context = context();
        var run = NodeHarness.open(sink(config), context)) {
      run.batch(frames, null).finish();
      assertThat(run.failures()).isEmpty();
    }
  }

  List<Frame> read(String config, int warnings) throws Exception {
    try (var context = context();
        var run = NodeHarness.open(source(config), context)) {
      run.pollUntil(10_000, 64);
      assertThat(context.rejections()).hasSize(warnings);
      return run.outputs().stream().map(Frame::detach).toList();
    }
  }

  TestNodeContext context() {
    return new TestNodeContext(directory);
  }

  static WavSource source(String config) {
    return (WavSource) Fixture.node(FileTypes.WAV_SOURCE, config);
  }

  static WavSink sink(String config) {
    return (WavSink) Fixture.node(FileTypes.WAV_SINK, config);
  }
}
