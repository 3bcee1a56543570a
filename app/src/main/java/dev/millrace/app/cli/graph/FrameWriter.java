package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.FrameJson;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Writes frames as JSON, one a line, into a file or to the standard output. Used by one thread at
/// a time.
final class FrameWriter implements AutoCloseable {
  private final PrintWriter standard;
  private final @Nullable Path target;
  private final @Nullable OutputStream file; // null without a target

  /// @throws ExitException if there is a `target` that cannot be written
  FrameWriter(@Nullable Path target, PrintWriter standard) throws ExitException {
    this.standard = standard;
    this.target = target;
    try {
      this.file = target == null ? null : new BufferedOutputStream(Files.newOutputStream(target));
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /// @throws ExitException if that fails, also where nobody reads the standard output any more
  void write(Frame frame) throws ExitException {
    var bytes = FrameJson.write(frame);
    if (file == null) {
      standard.println(new String(bytes, StandardCharsets.UTF_8));
      if (standard.checkError()) {
        throw new ExitException(ExitCode.FAILED, "error: the standard output has been closed.");
      }
      return;
    }
    try {
      file.write(bytes);
      file.write('\n');
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  @Override
  public void close() throws ExitException {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  private ExitException failed(IOException failure) {
    return new ExitException(
        ExitCode.FAILED,
        "error: " + target + " cannot be written: " + failure + "\n    fix Name another file.",
        failure);
  }
}
