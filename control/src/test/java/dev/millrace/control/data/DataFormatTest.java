package dev.millrace.control.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFormatTest {
  @TempDir private Path folder;

  /// Where a test breaks a migration off: at the n-th thing that is done, counted over all steps.
  private int breakAt = Integer.MAX_VALUE;

  private int doneThings;

  /// Format 2 moves logs into a folder, format 3 gives every log a header.
  private final DataFormat three =
      new DataFormat(
          List.of(
              new Migration(2, "logs move into a folder of their own", this::moveLogs),
              new Migration(3, "logs get a header", this::addHeaders)));

  @Test
  void aNewDirectoryGetsTheCurrentNumberAndNoMigrationRuns() throws Exception {
    breakAt = 0;
    Files.createFile(folder.resolve(".lock"));
    Files.writeString(folder.resolve("FORMAT.part"), "2"); // killed before the rename
    Files.createDirectory(folder.resolve("tmp"));
    three.bringUpToDate(folder, "0");
    assertThat(folder.resolve("FORMAT")).hasContent("3");
    assertThat(folder.resolve("FORMAT.part")).doesNotExist();
  }

  @Test
  void filesWithoutANumberAreTheFirstFormat() throws Exception {
    oldFiles();
    DataFormat.CURRENT.bringUpToDate(folder, "0");
    assertThat(folder.resolve("FORMAT")).hasContent("1");
    assertThat(folder.resolve("b.log")).hasContent("second");
  }

  @Test
  void migratingGoesThroughWhereverItIsBrokenOff() throws Exception {
    oldFiles();
    three.bringUpToDate(folder, "0");
    var expected = content();
    int things = doneThings;
    assertThat(expected)
        .containsEntry("FORMAT", "3\n")
        .containsEntry("logs/a.log", "#3\nfirst")
        .containsEntry("logs/b.log", "#3\nsecond");
    assertThat(things).isGreaterThan(6);

    for (int first = 0; first < things; first++) {
      for (int second = 0; second <= things; second++) {
        oldFiles();
        breakOffAt(first);
        breakOffAt(second); // also the start that was to mend it
        breakAt = Integer.MAX_VALUE;
        three.bringUpToDate(folder, "0");
        assertThat(content()).as("broken off at %d, then at %d", first, second).isEqualTo(expected);
      }
    }
  }

  @Test
  void aDirectoryThatIsUpToDateIsLeftAlone() throws Exception {
    oldFiles();
    three.bringUpToDate(folder, "0");
    int things = doneThings;
    var before = Files.getLastModifiedTime(folder.resolve("FORMAT"));
    three.bringUpToDate(folder, "0");
    assertThat(doneThings).isEqualTo(things);
    assertThat(Files.getLastModifiedTime(folder.resolve("FORMAT"))).isEqualTo(before);
  }

  @Test
  void nonsenseIsRefusedAndNothingIsTouched() throws Exception {
    for (var nonsense :
        List.of("", "\n", "one", "0", "-1", "1.0", "1 2", "0x1", "١", "9".repeat(30), "1\u0000")) {
      oldFiles();
      Files.writeString(folder.resolve("FORMAT"), nonsense);
      var before = content();
      assertThatThrownBy(() -> three.bringUpToDate(folder, "0"))
          .as("\"%s\"", nonsense)
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("where one whole number should stand")
          .hasMessageContaining("write 3 into that file");
      assertThat(content()).isEqualTo(before);
    }
    Files.delete(folder.resolve("FORMAT"));
    Files.createDirectory(folder.resolve("FORMAT"));
    assertThatThrownBy(() -> three.bringUpToDate(folder, "0"))
        .hasMessageContaining("something that is no file");
  }

  @Test
  void spaceAroundTheNumberIsForgiven() throws Exception {
    Files.writeString(folder.resolve("FORMAT"), " 2 \r\n");
    assertThat(DataFormat.inspect(folder)).isEqualTo(new DataFormat.Found.Marked(2));
  }

  @Test
  void migrationsWithAGapAreADefect() {
    assertThatThrownBy(() -> new DataFormat(List.of(new Migration(3, "x", root -> {}))))
        .hasMessageContaining("migration 0 leads to format 3, not 2");
    assertThatThrownBy(() -> new Migration(1, "x", root -> {})).hasMessageContaining("1 < 2");
  }

  private void breakOffAt(int thing) {
    breakAt = doneThings + thing;
    try {
      three.bringUpToDate(folder, "0");
    } catch (IOException broken) {
      assertThat(broken).hasMessage("killed");
    } catch (ProblemException refused) {
      throw new AssertionError(refused);
    }
  }

  private void oldFiles() throws IOException {
    Durable.deleteTree(folder);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("a.log"), "first");
    Files.writeString(folder.resolve("b.log"), "second");
  }

  private void moveLogs(Path root) throws IOException {
    var logs = root.resolve("logs");
    aThing();
    Files.createDirectories(logs);
    for (var name : List.of("a.log", "b.log")) {
      aThing();
      if (Files.exists(root.resolve(name))) {
        Durable.rename(root.resolve(name), logs.resolve(name));
      }
    }
    aThing();
  }

  private void addHeaders(Path root) throws IOException {
    for (var name : List.of("a.log", "b.log")) {
      var log = root.resolve("logs").resolve(name);
      aThing();
      var text = Files.readString(log);
      if (!text.startsWith("#3\n")) {
        Durable.replace(log, ("#3\n" + text).getBytes(StandardCharsets.UTF_8));
      }
    }
    aThing();
  }

  private void aThing() throws IOException {
    if (doneThings >= breakAt) {
      throw new IOException("killed");
    }
    doneThings++;
  }

  private Map<String, String> content() throws IOException {
    var content = new TreeMap<String, String>();
    var files = new ArrayList<Path>();
    try (var all = Files.walk(folder)) {
      all.filter(Files::isRegularFile).forEach(files::add);
    }
    for (var file : files) {
      content.put(folder.relativize(file).toString(), Files.readString(file));
    }
    return content;
  }
}
