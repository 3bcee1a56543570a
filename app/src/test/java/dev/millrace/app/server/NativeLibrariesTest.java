package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class NativeLibrariesTest {
  @TempDir private Path folder;

  @Test
  void theFolderIsOursWhileTheServerLivesAndWhatSomebodyChoseStays() {
    var chosen = "jna.tmpdir";
    System.setProperty(chosen, "/chosen");
    try {
      try (var libraries = NativeLibraries.unpackInto(folder)) {
        assertThat(libraries).isNotNull();
        assertThat(System.getProperty("org.sqlite.tmpdir")).isEqualTo(folder.toString());
        assertThat(System.getProperty("ZstdTempFolder")).isEqualTo(folder.toString());
        assertThat(System.getProperty(chosen)).isEqualTo("/chosen");
      }
      assertThat(System.getProperty("org.sqlite.tmpdir")).isNull();
      assertThat(System.getProperty(chosen)).isEqualTo("/chosen");
    } finally {
      System.clearProperty(chosen);
    }
  }

  @Test
  void killedProcessesLeaveNothingInTheSystemsFolderAndOneLibraryInOurs() throws Exception {
    var temporary = Files.createDirectory(folder.resolve("tmp"));
    for (int run = 0; run < 2; run++) {
      killedOnceItStores(temporary);
      assertThat(names(temporary)).as("run " + run).isEmpty();
      assertThat(names(folder.resolve("data/tmp/native")).stream().filter(n -> n.endsWith(".so")))
          .as("run " + run)
          .hasSize(1);
    }
  }

  private void killedOnceItStores(Path temporary) throws Exception {
    var log = folder.resolve("log");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData", // which lives in that folder too
                "-XX:+UseSerialGC", // it is there sooner
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.millrace.app.Main",
                "run",
                "--set",
                "server.port=0",
                "--set",
                "server.data_dir=" + folder.resolve("data"),
                "--set",
                "pipelines=[{\"name\":\"p\",\"graph\":{\"nodes\":[{\"id\":\"in\",\"type\":"
                    + "\"SimulatedFirehose\"},{\"id\":\"store\",\"type\":\"SqliteSink\"}],"
                    + "\"connections\":[{\"from\":\"in\",\"to\":\"store\"}]}}]")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(50);
      while (!Files.readString(log).contains("Serving on")) {
        assertThat(process.isAlive() && System.nanoTime() < deadline)
            .as(Files.readString(log, StandardCharsets.UTF_8))
            .isTrue();
        assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
