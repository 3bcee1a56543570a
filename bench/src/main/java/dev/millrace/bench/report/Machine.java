package dev.millrace.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The machine and Java that a result holds for.
public record Machine(String processor, int cores, String system, String java) {

  public static Machine current() {
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + ' ' + System.getProperty("os.version"),
        System.getProperty("java.vendor") + ' ' + System.getProperty("java.version"));
  }

  @Override
  public String toString() {
    return cores + " cores of " + processor + ", " + system + ", Java " + java;
  }

  private static String processorName() {
    var description = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(description)) {
      return System.getProperty("os.arch");
    }
    try (var lines = Files.lines(description)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
