package dev.millrace.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Configurations of one pipeline that stores.
final class Graphs {
  /// The time of the first event of every simulated stream.
  static final long START_TIME_US = 1_750_000_000_000_000L;

  private Graphs() {}

  /// Writes `millrace.yaml` into `folder`: a simulated firehose into SQLite. `count` 0 never ends;
  /// `storeConfig` is what stands between the braces of the sink's config.
  static Path storing(
      Path folder, long seed, int count, double rate, String serverKeys, String storeConfig) {
    var text =
        """
        server: { port: 0, SERVER }
        pipelines:
          - name: store
            graph:
              nodes:
                - id: firehose
                  type: SimulatedFirehose
                  config: { seed: SEED, count: COUNT, rate: RATE, start_time_us: START }
                - { id: store, type: SqliteSink, config: { STORE } }
              connections:
                - { from: firehose, to: store }
        """
            .replace("SERVER", serverKeys)
            .replace("SEED", String.valueOf(seed))
            .replace("COUNT", String.valueOf(count))
            .replace("RATE", String.valueOf(rate))
            .replace("START", String.valueOf(START_TIME_US))
            .replace("STORE", storeConfig);
    return write(folder.resolve("millrace.yaml"), text);
  }

  static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
