package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
  @TempDir Path folder;

  @Test
  void aFullFileIsSetAsideAndTheOldestGoes() throws IOException {
    var file = folder.resolve("deep/er/app.log");
    try (var rolling = RollingFile.open(file, 100, 3)) {
      for (int i = 0; i < 10; i++) {
        write(rolling, ("line " + i + " ").repeat(10) + "\n"); // 71 bytes: one line per file
      }
    }
    try (var files = Files.list(file.getParent())) {
      assertThat(files.map(one -> one.getFileName().toString()))
          .containsExactlyInAnyOrder("app.log", "app.log.1", "app.log.2");
    }
    assertThat(file).content().startsWith("line 9").hasSize(71);
    assertThat(file.resolveSibling("app.log.1")).content().startsWith("line 8");
    assertThat(file.resolveSibling("app.log.2")).content().startsWith("line 7");
  }

  @Test
  void withOneFileTheOldLinesGo() throws IOException {
    var file = folder.resolve("app.log");
    try (var rolling = RollingFile.open(file, 10, 1)) {
      write(rolling, "first line\n");
      write(rolling, "second line\n");
    }
    assertThat(file).content().isEqualTo("second line\n");
    assertThat(file.resolveSibling("app.log.1")).doesNotExist();
  }

  @Test
  void aLineTornByACrashIsEndedFirst() throws IOException {
    var file = folder.resolve("app.log");
    Files.writeString(file, "{\"torn\":");
    try (var rolling = RollingFile.open(file, 1_000, 2)) {
      write(rolling, "{}\n");
    }
    assertThat(file).content().isEqualTo("{\"torn\":\n{}\n");
  }

  @Test
  void aFileThatCannotBeOpenedIsNamed() throws IOException {
    Files.writeString(folder.resolve("logs"), "not a folder");
    assertThatThrownBy(() -> RollingFile.open(folder.resolve("logs/app.log"), 1_000, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("logs");
  }

  @Test
  void afterAFailureTheFileIsOpenedAnew() throws IOException {
    var file = folder.resolve("app.log");
    try (var rolling = RollingFile.open(file, 10, 2)) {
      write(rolling, "first line\n");
      Files.createDirectories(folder.resolve("app.log.1/in the way"));
      assertThatThrownBy(() -> write(rolling, "second line\n")).isInstanceOf(IOException.class);
      assertThat(rolling.isOpen()).isFalse();
      Files.delete(folder.resolve("app.log.1/in the way"));
      Files.delete(folder.resolve("app.log.1"));
      write(rolling, "second line\n");
    }
    assertThat(file).content().isEqualTo("second line\n");
    assertThat(folder.resolve("app.log.1")).content().isEqualTo("first line\n");
  }

  @Test
  void aFileThatSomebodyTakesAwayIsBegunAnewWithItsFolder() throws IOException {
    var file = folder.resolve("logs/app.log");
    try (var rolling = RollingFile.open(file, 100, 3)) {
      write(rolling, "x".repeat(80) + "\n");
      Files.move(file, folder.resolve("app.log.saved"));
      write(rolling, "second line, after a rename\n");
      assertThat(file).content().isEqualTo("second line, after a rename\n");
      Files.delete(file);
      Files.delete(file.getParent());
      write(rolling, "third line\n");
    }
    assertThat(file).content().isEqualTo("third line\n");
    assertThat(file.resolveSibling("app.log.1")).doesNotExist();
  }

  @Test
  void othersCanOnlyWriteBetweenLines() throws IOException {
    long seed = 20_261_124;
    var random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      var lines = new StringBuilder();
      for (int i = random.nextInt(20); i >= 0; i--) {
        lines
            .append("x".repeat(random.nextInt(random.nextInt(10) == 0 ? 9_000 : 700)))
            .append('\n');
      }
      var pieces = new ArrayList<String>();
      var buffer = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
      try (var whole = new WholeLines(remembering(pieces))) {
        while (buffer.hasRemaining()) {
          whole.write(buffer);
        }
        assertThat(whole.isOpen()).isTrue();
      }
      assertThat(String.join("", pieces)).as("seed %d", seed).isEqualTo(lines.toString());
      for (var piece : pieces) {
        assertThat(piece).as("seed %d", seed).endsWith("\n");
        boolean oneLine = piece.indexOf('\n') == piece.length() - 1;
        assertThat(oneLine || piece.length() <= 4_096).as("seed %d", seed).isTrue();
      }
    }
  }

  private static WritableByteChannel remembering(List<String> pieces) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer from) {
        int length = from.remaining();
        pieces.add(StandardCharsets.UTF_8.decode(from).toString());
        return length;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {
        throw new AssertionError("the stream belongs to the process");
      }
    };
  }

  private static void write(RollingFile file, String text) throws IOException {
    var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }
}
