package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Has jcstress look for outcomes that the log's hand-made concurrent structures must never show.
/// A test with more actors than the machine has processors would be left out without a word, so
/// none has more than two. Takes minutes, so it runs with the long suites only.
@Tag("slow")
class LogStressTest {
  private static final int PATIENCE_MINUTES = 12;

  @TempDir private Path folder;

  @Test
  void noForbiddenOutcomeIsSeen() throws IOException, InterruptedException {
    var output = folder.resolve("output.txt");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                "dev.millrace.control.log",
                "-m",
                "quick",
                "-r",
                folder.resolve("results").toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(ended).as("ended within %s minutes", PATIENCE_MINUTES).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }
}
