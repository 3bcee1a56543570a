package dev.millrace.bench.reference;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;

/// What one subscriber still has to be sent because its socket was full: ranges of shared chunks,
/// in order. Exists only while the subscriber lags. Confined to the hub's thread.
final class Backlog {
  private final ArrayDeque<Range> ranges = new ArrayDeque<>();
  private final ChunkPool pool;
  private long bytes;

  Backlog(ChunkPool pool) {
    this.pool = pool;
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /// Adds `[from, to)` of `chunk`. Neighbouring ranges become one, so that the number of ranges is
  /// bounded by the number of chunks.
  void add(Chunk chunk, int from, int to) {
    bytes += to - from;
    var last = ranges.peekLast();
    if (last != null && last.chunk == chunk && last.to == from) {
      last.to = to;
      return;
    }
    chunk.hold();
    ranges.add(new Range(chunk, from, to));
  }

  /// Writes until the socket is full or nothing is left.
  void writeTo(WritableByteChannel socket) throws IOException {
    Range range;
    while ((range = ranges.peek()) != null) {
      int written = socket.write(range.chunk.range(range.from, range.to));
      range.from += written;
      bytes -= written;
      if (range.from < range.to) {
        return;
      }
      ranges.remove();
      pool.released(range.chunk);
    }
  }

  /// Forgets everything.
  void clear() {
    ranges.forEach(range -> pool.released(range.chunk));
    ranges.clear();
    bytes = 0;
  }

  private static final class Range {
    final Chunk chunk;
    int from;
    int to;

    Range(Chunk chunk, int from, int to) {
      this.chunk = chunk;
      this.from = from;
      this.to = to;
    }
  }
}
