package dev.millrace.control.data;

import java.io.IOException;
import java.nio.file.Path;

/// One step from a format of the data directory to the next: to the format `to` from the one before
/// it. `does` completes the sentence "migrating to format 2: …".
public record Migration(int to, String does, Step step) {

  public Migration {
    if (to < 2) {
      throw new IllegalArgumentException("format " + to + " < 2: there is nothing before format 1");
    }
  }

  /// Changes the files beneath `root`. It may be broken off anywhere, by a power cut too, and is
  /// then run again from its beginning on what it left; so each thing it does must be done durably
  /// and must be harmless when it has been done already. While it runs nobody else uses the folder.
  @FunctionalInterface
  public interface Step {
    void run(Path root) throws IOException;
  }
}
