package dev.millrace.testkit.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Has jcstress, which the module of the test brings, look for outcomes that must never show. A
/// test with more actors than the machine has processors would be left out without a word, so none
/// should have more than two. Takes minutes.
public final class Jcstress {
  private static final int PATIENCE_MINUTES = 12;

  private Jcstress() {}

  /// Runs every stress test whose name begins with `tests`, such as a package; writes into
  /// `folder`.
  ///
  /// @throws AssertionError with all that was printed if a forbidden outcome was seen
  public static void assertNoForbiddenOutcome(String tests, Path folder)
      throws IOException, InterruptedException {
    var output = folder.resolve("output.txt");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.openjdk.jcstress.Main",
                "-t",
                tests,
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
