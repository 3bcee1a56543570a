package dev.millrace.systemtest;

import dev.millrace.connect.simulated.SimulatedConfig;
import dev.millrace.connect.simulated.SimulatedFirehose;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/// Events to play: the recording of the test data folder if there is one, else a simulated one.
final class Recordings {
  private Recordings() {}

  /// The lines that a simulated firehose with this seed and rate makes, the first event at a fixed
  /// time; rate 0 is as fast as they can be taken.
  static List<String> simulated(long seed, int count, long startTimeUs, double rate) {
    var firehose = firehose(seed, startTimeUs, rate);
    return LongStream.rangeClosed(1, count)
        .mapToObj(n -> new String(firehose.event(n), StandardCharsets.UTF_8))
        .toList();
  }

  /// What makes the events of a simulated stream, by number from 1.
  static SimulatedFirehose firehose(long seed, long startTimeUs, double rate) {
    return new SimulatedFirehose(
        SimulatedConfig.DEFAULT.withSeed(seed).withRate(rate).withStartTimeUs(startTimeUs));
  }

  static List<String> simulated(long seed, int count, long startTimeUs) {
    return simulated(seed, count, startTimeUs, 0);
  }

  /// Writes lines to a file, each ended.
  static Path write(Path file, List<String> lines) {
    try {
      return Files.writeString(file, String.join("\n", lines) + "\n");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// How many of the events must get a label: created or updated posts with some text.
  static long labelled(List<String> lines) {
    return lines.stream().filter(Recordings::isLabelled).count();
  }

  /// Whether an event must get a label.
  static boolean isLabelled(String line) {
    var commit = Json.tree(line.getBytes(StandardCharsets.UTF_8)).path("commit");
    var operation = commit.path("operation").asString("");
    return commit.path("collection").asString("").equals("app.bsky.feed.post")
        && (operation.equals("create") || operation.equals("update"))
        && commit.path("record").path("text").isString()
        && !commit.path("record").path("text").asString().isEmpty();
  }
}
