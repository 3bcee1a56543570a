package dev.millrace.engine.provenance;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The last frame each node made of each trace, up to so many bytes; the oldest go first. Confined
/// to whoever holds its owner's lock.
final class KeptFrames {
  private static final int OVERHEAD_BYTES = 256; // of a frame, beside its content

  private final Map<Key, Frame> frames = new LinkedHashMap<>();
  private long bytes;

  private record Key(String trace, String node) {}

  /// Keeps `frame`, which has arrays of its own, if `mostBytes` have room for it.
  void keep(String trace, String node, Frame frame, long mostBytes) {
    var key = new Key(trace, node);
    forget(key);
    long size = size(frame);
    while (bytes + size > mostBytes && !frames.isEmpty()) {
      forget(frames.keySet().iterator().next());
    }
    if (bytes + size <= mostBytes) {
      frames.put(key, frame);
      bytes += size;
    }
  }

  @Nullable Frame find(String trace, String node) {
    return frames.get(new Key(trace, node));
  }

  long bytes() {
    return bytes;
  }

  private void forget(Key key) {
    var gone = frames.remove(key);
    if (gone != null) {
      bytes -= size(gone);
    }
  }

  static long size(Frame frame) {
    long size =
        switch (frame.body()) {
          case Body.Empty() -> 0;
          case Body.Text(var text) -> 2L * text.length();
          case Body.JsonBytes json -> json.bytes().length;
          case Samples samples -> 8 * samples.total() + 64L * samples.count();
        };
    for (var entry : frame.metadata().entries().entrySet()) {
      size += 2L * (entry.getKey().length() + entry.getValue().length()) + 64;
    }
    return size + OVERHEAD_BYTES;
  }
}
