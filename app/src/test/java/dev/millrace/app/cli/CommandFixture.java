package dev.millrace.app.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Runs commands in this very process and catches what they print.
public abstract class CommandFixture {
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  protected final ByteArrayOutputStream out = new ByteArrayOutputStream();
  protected final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir protected Path folder;

  @BeforeEach
  final void catchOutput() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  final void letOutputGo() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  /// The exit code of `millrace ARGS…`.
  protected static int millrace(String... args) {
    return MillraceCommand.execute(args);
  }

  protected final String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  protected final String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /// Writes a file of the test's folder and answers its path.
  protected final String write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }
}
