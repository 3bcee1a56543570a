package dev.millrace.connect;

import dev.millrace.connect.simulated.SimulatedConfig;
import dev.millrace.connect.simulated.SimulatedFirehose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Events for tests: recorded ones where the environment names a folder of them, made ones anyway.
public final class TestData {
  /// A fixed beginning, so that made events are the same bytes in every run.
  public static final long START_US = 1_780_000_000_000_000L;

  private TestData() {}

  /// `count` events of seed 7.
  public static List<byte[]> events(int count) {
    var firehose =
        new SimulatedFirehose(SimulatedConfig.DEFAULT.withSeed(7).withStartTimeUs(START_US));
    var events = new ArrayList<byte[]>(count);
    for (int n = 1; n <= count; n++) {
      events.add(firehose.event(n));
    }
    return events;
  }

  /// A recording in the folder that `MILLRACE_TEST_DATA` names.
  public static Optional<Path> recording(String name) {
    var folder = System.getenv("MILLRACE_TEST_DATA");
    return Optional.ofNullable(folder)
        .map(path -> Path.of(path, "jetstream", name))
        .filter(Files::exists);
  }

  /// Real lines where there are any, else made ones.
  public static List<byte[]> lines() {
    return recording("expected_v1.jsonl").map(TestData::readLines).orElseGet(() -> events(152));
  }

  public static List<byte[]> readLines(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .map(line -> line.getBytes(StandardCharsets.UTF_8))
          .toList();
    } catch (IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }

  /// Writes one event per line.
  public static Path write(Path file, List<byte[]> events) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      for (var event : events) {
        out.write(event);
        out.write('\n');
      }
    }
    return file;
  }
}
