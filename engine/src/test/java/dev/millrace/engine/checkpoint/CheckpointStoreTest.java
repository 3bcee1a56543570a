package dev.millrace.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.EngineMetric;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointStoreTest {
  private static final Path FULL = Path.of("/dev/full"); // every write to it finds no space

  private final Metrics metrics = new Metrics();
  @TempDir private Path folder = Path.of("");

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    var written = checkpoint(7);
    long bytes = store(3).write(written);
    var read = store(3).read(7).orElseThrow();
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
    assertThat(Files.size(folder.resolve("checkpoint-000000000007.bin"))).isEqualTo(bytes);
  }

  @Test
  void onlyTheNewestStay() throws IOException {
    for (long id = 1; id <= 6; id++) {
      var _ = store(2).write(checkpoint(id));
    }
    assertThat(store(2).ids()).containsExactly(6L, 5L);
    assertThat(names()).hasSize(2);
  }

  @Test
  void aFileTornAtAnyByteIsSkippedAndCounted() throws IOException {
    var _ = store(3).write(checkpoint(1));
    var file = folder.resolve("checkpoint-000000000001.bin");
    var whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(store(3).read(1)).as("%d of %d bytes", length, whole.length).isEmpty();
    }
    assertThat(metrics.count(EngineMetric.CHECKPOINTS_SKIPPED, "p", "unreadable"))
        .isEqualTo(whole.length);
  }

  @Test
  void aFileWithAnyByteChangedIsSkipped() throws IOException {
    var _ = store(3).write(checkpoint(1));
    var file = folder.resolve("checkpoint-000000000001.bin");
    var whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      var changed = whole.clone();
      changed[at] ^= 0x10;
      Files.write(file, changed);
      assertThat(store(3).read(1)).as("byte %d", at).isEmpty();
    }
  }

  @Test
  void anotherPipelinesFileAndOneUnderAnotherNumberAreSkipped() throws IOException {
    var other = new CheckpointStore(folder, "q", 3, 1_000, metrics);
    var _ = other.write(checkpoint(1));
    assertThat(store(3).read(1)).isEmpty();
    var _ = store(3).write(checkpoint(2));
    Files.move(
        folder.resolve("checkpoint-000000000002.bin"),
        folder.resolve("checkpoint-000000000003.bin"));
    assertThat(store(3).read(3)).isEmpty();
  }

  @Test
  void otherFilesAreNoCheckpoints() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve("checkpoint.tmp"), "half of one");
    assertThat(store(3).ids()).isEmpty();
    var _ = store(3).write(checkpoint(1));
    store(3).removeAll();
    assertThat(names()).containsExactly("notes.txt");
  }

  @Test
  void aFolderThatIsNotThereHasNone() throws IOException {
    var nowhere = new CheckpointStore(folder.resolve("a/b"), "p", 3, 1_000, metrics);
    assertThat(nowhere.ids()).isEmpty();
    nowhere.removeAll();
    var _ = nowhere.write(checkpoint(1));
    assertThat(nowhere.ids()).containsExactly(1L);
  }

  @Test
  void aFullDiskLeavesTheLastGoodOne() throws IOException {
    var _ = store(3).write(checkpoint(1));
    var full =
        new CheckpointStore(
            folder,
            "p",
            3,
            1_000,
            metrics,
            path -> FileChannel.open(FULL, StandardOpenOption.WRITE));
    assertThatThrownBy(() -> full.write(checkpoint(2))).isInstanceOf(IOException.class);
    assertThat(full.ids()).containsExactly(1L);
    assertThat(full.read(1)).isPresent();
  }

  @Test
  void statesThatAreTooLargeTogetherAreRefused() {
    var small = new CheckpointStore(folder, "p", 3, 4, metrics);
    assertThatThrownBy(() -> small.write(checkpoint(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("max_state");
  }

  @Test
  void aHugeFileIsNotRead() throws IOException {
    try (var channel =
        FileChannel.open(
            folder.resolve("checkpoint-000000000001.bin"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), 1L << 40);
    }
    assertThat(store(3).read(1)).isEmpty();
  }

  @Test
  void thoseSetAsideAreNotFoundAnyMore() throws IOException {
    for (long id = 1; id <= 5; id++) {
      var _ = store(5).write(checkpoint(id));
    }
    store(5).setAside(4);
    assertThat(store(5).ids()).containsExactly(3L, 2L, 1L);
    var _ = store(1).write(checkpoint(6));
    assertThat(names())
        .containsExactly("checkpoint-000000000005.bin.refused", "checkpoint-000000000006.bin");
  }

  @ParameterizedTest
  @CsvSource({
    "tone, tone",
    "a.b, a.b",
    "../up, %2E.%2Fup",
    "., %2E",
    "é x, %C3%A9%20x",
    "'', %",
    "A_b-1, A_b-1"
  })
  void everyNameOfAPipelineIsOneFolder(String pipeline, String expected) {
    assertThat(CheckpointStore.folder(folder, pipeline)).isEqualTo(folder.resolve(expected));
  }

  @FuzzTest
  void noBytesBreakTheReader(byte[] bytes) {
    parse(bytes);
  }

  @Test
  void mutatedFilesAreReadOrRefused() throws IOException {
    for (long seed = 1; seed <= 5_000; seed++) {
      var random = new Random(seed);
      var out = new ByteArrayOutputStream();
      CheckpointCodec.write("p", checkpoint(seed), out);
      var bytes = out.toByteArray();
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(3)) {
          case 0 -> bytes[at] = (byte) random.nextInt(256);
          case 1 -> bytes = Arrays.copyOf(bytes, at + 1);
          default -> bytes = spliced(bytes, random);
        }
      }
      try {
        parse(bytes);
      } catch (RuntimeException defect) {
        throw new AssertionError("seed " + seed, defect);
      }
    }
  }

  /// Only an [IOException] says that it is none.
  private static void parse(byte[] bytes) {
    try {
      var read = CheckpointCodec.parse("p", ByteBuffer.wrap(bytes));
      assertThat(read.id()).isPositive();
    } catch (IOException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  private static byte[] spliced(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length);
    int to = random.nextInt(bytes.length);
    int count = Math.min(random.nextInt(16), bytes.length - Math.max(from, to));
    System.arraycopy(bytes, from, bytes, to, count);
    return bytes;
  }

  private static Checkpoint checkpoint(long id) {
    return new Checkpoint(
        id,
        1_750_000_000_000_000L + id,
        List.of(
            new SavedNode(
                new NodeKey("source", "FileSource", ""),
                true,
                SourcePosition.repeating("file:é", 12),
                null),
            new SavedNode(new NodeKey("sine", "SineGenerator", "2"), false, null, new byte[] {1}),
            new SavedNode(
                new NodeKey("wav", "WavSource", ""),
                false,
                SourcePosition.exact("wav", -1),
                new byte[] {1, 2, 3, (byte) id}),
            new SavedNode(new NodeKey("gain", "Gain", ""), false, null, null)));
  }

  private CheckpointStore store(int keep) {
    return new CheckpointStore(folder, "p", keep, 1_000, metrics);
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }
}
