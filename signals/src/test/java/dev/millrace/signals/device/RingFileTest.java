package dev.millrace.signals.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.signals.process.Nodes;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingFileTest {
  @TempDir Path folder;

  @Test
  void theHeaderSaysWhatReadersNeed() throws Exception {
    var path = folder.resolve("ring");
    try (var ring = new RingFile(path, 100, 2, 3)) {
      ring.write(new double[][] {{1, 2}, {3, 4}});
      ring.write(new double[][] {{5}, {6}});
    }
    var file = read(path);
    assertThat(file.capacity()).isEqualTo(4_096 + 2 * 300 * 8);
    var magic = new byte[8];
    file.get(0, magic);
    assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("AUDITAB!");
    assertThat(LongStream.of(8, 16, 24, 32, 40, 48).map(at -> file.getLong((int) at)))
        .containsExactly(1L, 100L, 2L, 300L, 2L, 3L);
    assertThat(file.getDouble(4_096 + 16)).isEqualTo(5);
    assertThat(file.getDouble(4_096 + 300 * 8 + 8)).isEqualTo(4);
  }

  /// Random lengths beside an array of everything that was ever written.
  @Test
  void framesOfAnyLengthLeaveNeitherHolesNorOverlaps() throws Exception {
    for (long seed = 1; seed <= 10; seed++) {
      var random = new Random(seed);
      int capacity = 1 + random.nextInt(50);
      var path = folder.resolve("ring" + seed);
      var all = new double[2][0];
      try (var ring = new RingFile(path, capacity, 2, 1)) {
        for (int step = 1; step <= 60; step++) {
          int length = random.nextInt(random.nextInt(10) == 0 ? 200 : 30);
          var frame = new double[][] {Nodes.noise(random, length), Nodes.noise(random, length)};
          ring.write(frame);
          for (int c = 0; c < 2; c++) {
            int old = all[c].length;
            all[c] = Arrays.copyOf(all[c], old + length);
            System.arraycopy(frame[c], 0, all[c], old, length);
          }
          check(read(path), capacity, all, step, "seed " + seed + ", step " + step);
        }
      }
    }
  }

  private static void check(
      ByteBuffer file, int capacity, double[][] all, int writes, String where) {
    int written = all[0].length;
    assertThat(file.getLong(40)).as(where).isEqualTo(writes);
    assertThat(file.getLong(48)).as(where).isEqualTo(written);
    for (int c = 0; c < 2; c++) {
      for (int i = Math.max(0, written - capacity); i < written; i++) {
        assertThat(file.getDouble(4_096 + (c * capacity + i % capacity) * 8))
            .as("%s, channel %d, sample %d", where, c, i)
            .isEqualTo(all[c][i]);
      }
    }
  }

  @Test
  void aReaderOfTheFileBeforeKeepsIt() throws Exception {
    var path = folder.resolve("ring");
    try (var first = new RingFile(path, 10, 1, 1)) {
      first.write(new double[][] {{1, 2, 3}});
      try (var open = java.nio.channels.FileChannel.open(path)) {
        var before = open.map(java.nio.channels.FileChannel.MapMode.READ_ONLY, 0, open.size());
        new RingFile(path, 5, 1, 1).close();
        assertThat(before.order(ByteOrder.LITTLE_ENDIAN).getLong(48)).isEqualTo(3);
      }
    }
    assertThat(read(path).getLong(48)).isZero();
  }

  @Test
  void aFileTooLargeOrAnotherNumberOfChannelsIsRefused() throws Exception {
    assertThatThrownBy(() -> new RingFile(folder.resolve("x"), 192_000, 32, 86_400))
        .hasMessageContaining("at most 4294967296");
    assertThat(folder.resolve("x")).doesNotExist();
    try (var ring = new RingFile(folder.resolve("y"), 10, 2, 1)) {
      assertThatThrownBy(() -> ring.write(new double[1][3]))
          .hasMessage("1 channels for a ring file of 2");
    }
  }

  @Test
  void theNodeKeepsTheContractAndWritesWhatComes() throws Exception {
    var frames =
        LongStream.range(0, 100).mapToObj(i -> Nodes.frame(i, "ch0", (double) i, i + 0.5)).toList();
    var config = "{\"path\": \"sub/ring\", \"sample_rate\": 8, \"seconds\": 1}";
    NodeHarness.processor(() -> Nodes.node(type(), config)).inputs(frames).check();
    try (var context = new TestNodeContext()) {
      var node = Nodes.node(type(), config);
      assertThat(node.execution()).isEqualTo(Execution.NATIVE);
      try (var run = NodeHarness.open(node, context)) {
        run.batch(frames, null);
        run.batch(dev.millrace.core.frame.Frame.trigger(0, 101));
        run.batch(Nodes.frame(102, Map.of("ch0", new double[1], "ch1", new double[1])));
        assertThat(run.failures()).hasSize(1);
        assertThat(run.outputs()).isEmpty();
      }
      var file = read(context.dataDirectory().resolve("sub/ring"));
      assertThat(file.getLong(48)).isEqualTo(200);
      assertThat(file.getDouble(4_096 + 199 % 8 * 8)).isEqualTo(99.5);
    }
  }

  @Test
  void aFileThatCannotBeMadeFailsTheOpenInASentence() throws Exception {
    try (var context = new TestNodeContext()) {
      Files.writeString(context.dataDirectory().resolve("file"), "");
      var below = Nodes.node(type(), "{\"path\": \"file/ring\"}");
      assertThatThrownBy(() -> below.open(context))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("the ring file cannot be made");
      var outside = Nodes.node(type(), "{\"path\": \"../ring\"}");
      assertThatThrownBy(() -> outside.open(context)).isInstanceOf(ProblemException.class);
    }
  }

  private static NodeType<?> type() {
    return DeviceTypes.of(AudioDevices.NONE).getLast();
  }

  private static ByteBuffer read(Path path) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
