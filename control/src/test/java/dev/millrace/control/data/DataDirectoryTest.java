package dev.millrace.control.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  private static final String VERSION = "1.2.3";

  @TempDir private Path folder;

  @Test
  void itIsMadeWhereItIsMissingAndMarkedWithItsFormat() throws Exception {
    try (var data = DataDirectory.open(folder.resolve("a").resolve("b"), VERSION)) {
      assertThat(data.root()).isDirectory().isAbsolute();
      assertThat(data.root().resolve("FORMAT")).hasContent("1");
    }
  }

  @Test
  void asLongAsItIsOpenNobodyElseGetsItAndTheHolderIsNamed() throws Exception {
    try (var first = DataDirectory.open(folder, VERSION)) {
      assertThat(first.root()).isDirectory();
      assertThatThrownBy(() -> DataDirectory.open(folder, VERSION))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining(
              "is in use by another Millrace process (pid " + ProcessHandle.current().pid())
          .hasMessageContaining("since 20")
          .hasMessageContaining("--set server.data_dir=OTHER");
    }
    DataDirectory.open(folder, VERSION).close();
  }

  @Test
  void aHolderThatWroteNonsenseIsUnknown() throws Exception {
    Files.writeString(folder.resolve(".lock"), "pid \u001b[2J\nsince\n" + "x".repeat(2_000));
    var two = new DataFormat(List.of(new Migration(2, "test", root -> {})));
    DataDirectory.open(folder, VERSION, two).close();
    Files.writeString(folder.resolve(".lock"), "\u0000\u0001");
    assertThatThrownBy(() -> DataDirectory.open(folder, VERSION))
        .hasMessageContaining("a newer version of Millrace (unknown)");
  }

  @Test
  void aFormatOfTheFutureIsRefusedNamingTheVersionThatWroteIt() throws Exception {
    var two = new DataFormat(List.of(new Migration(2, "test", root -> {})));
    DataDirectory.open(folder, "9.9", two).close();
    Files.writeString(folder.resolve("kept"), "as it is");
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(() -> DataDirectory.open(folder, VERSION))
          .isInstanceOf(ProblemException.class)
          .hasMessageContaining("it is in format 2 and this version knows formats up to 1")
          .hasMessageContaining("a newer version of Millrace (9.9)")
          .hasMessageContaining("millrace restore FILE --data-dir OTHER");
    }
    assertThat(folder.resolve("kept")).hasContent("as it is");
    assertThat(folder.resolve("FORMAT")).hasContent("2");
    DataDirectory.open(folder, "9.9", two).close(); // and the lock is free
  }

  @Test
  void aPlaceThatCannotHoldAFolderIsNamedWithARemedy() throws IOException {
    var file = Files.writeString(folder.resolve("file"), "not a folder");
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data"), VERSION))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("cannot be used")
        .hasMessageContaining("--set server.data_dir=OTHER");
  }

  @Test
  void whatAKilledProcessUnpackedIsDeletedAtTheNextStart() throws Exception {
    try (var first = DataDirectory.open(folder, VERSION)) {
      Files.writeString(first.nativeLibraries().resolve("sqlite-1-libsqlitejdbc.so"), "code");
    }
    try (var second = DataDirectory.open(folder, VERSION)) {
      assertThat(second.nativeLibraries()).isEmptyDirectory();
    }
  }

  @Test
  void theHolderBeforeIsWrittenOverWhateverItsLength() throws Exception {
    DataDirectory.open(folder, "a-version-with-a-very-long-name").close();
    DataDirectory.open(folder, "1").close();
    assertThat(Files.readAllLines(folder.resolve(".lock")))
        .hasSize(3)
        .last()
        .isEqualTo("version 1");
  }

  @Test
  void whatAKilledBackupLeftIsDeletedAndNothingElse() throws Exception {
    var temporary = Files.createDirectories(folder.resolve("tmp"));
    var staging = Files.createDirectories(temporary.resolve("backup-1").resolve("staged"));
    Files.writeString(staging.resolve("0"), "half");
    Files.writeString(temporary.resolve("backup-2.zip"), "half");
    var elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("kept"), "kept");
    Files.createSymbolicLink(temporary.resolve("backup-3"), elsewhere);
    Files.writeString(temporary.resolve("mine"), "kept");

    DataDirectory.open(folder, VERSION).close();

    try (var left = Files.list(temporary)) {
      assertThat(left).containsExactly(temporary.resolve("mine"));
    }
    assertThat(elsewhere.resolve("kept")).exists();
  }
}
