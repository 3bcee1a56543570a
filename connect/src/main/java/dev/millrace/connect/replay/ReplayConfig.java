package dev.millrace.connect.replay;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// What a recording is replayed from, and how fast.
public record ReplayConfig(
    @About("The recording: one event per line, plain or compressed with zstd.") String path,
    @About(
            "How fast: max, a number of events per second such as 500, or a multiple of the"
                + " recorded pace such as 2x.")
        @Default("max")
        String rate,
    @About("Lines longer than this are passed over and counted.")
        @Default("4MiB")
        @Range(min = 1, max = 64 << 20)
        ByteSize maxLine) {

  public ReplayConfig {
    Pace.parse(rate);
  }

  /// `path` at full speed.
  public static ReplayConfig of(String path) {
    return new ReplayConfig(path, "max", new ByteSize(4 << 20));
  }

  public ReplayConfig withRate(String newRate) {
    return new ReplayConfig(path, newRate, maxLine);
  }
}
