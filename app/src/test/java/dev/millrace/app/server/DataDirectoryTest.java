package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path folder;

  @Test
  void itIsMadeWhereItIsMissing() throws Exception {
    try (var data = DataDirectory.open(folder.resolve("a").resolve("b"))) {
      assertThat(data.root()).isDirectory().isAbsolute();
    }
  }

  @Test
  void asLongAsItIsOpenNobodyElseGetsIt() throws Exception {
    try (var first = DataDirectory.open(folder)) {
      assertThat(first.root()).isDirectory();
      assertThatThrownBy(() -> DataDirectory.open(folder))
          .asInstanceOf(type(ExitException.class))
          .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.IN_USE))
          .satisfies(refused -> assertThat(refused).hasMessageContaining("is in use by another"));
    }
    DataDirectory.open(folder).close();
  }

  @Test
  void aPlaceThatCannotHoldAFolderIsNamedWithARemedy() throws IOException {
    var file = Files.writeString(folder.resolve("file"), "not a folder");
    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
        .asInstanceOf(type(ExitException.class))
        .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.IN_USE))
        .satisfies(
            refused ->
                assertThat(refused)
                    .hasMessageContaining("cannot be used")
                    .hasMessageContaining("--set server.data_dir=OTHER"));
  }
}
