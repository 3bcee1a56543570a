package dev.millrace.bench.reference;

import java.util.ArrayDeque;

/// The chunks of one hub. While nobody lags there is one, used over and over, so that the frames
/// being sent stay in the processor's cache. Confined to the hub's thread.
final class ChunkPool {
  private static final int SPARE_CHUNKS = 16; // kept for the next slow reader; others are garbage

  private final ArrayDeque<Chunk> spare = new ArrayDeque<>();
  private Chunk current = new Chunk();

  /// A chunk with room for `bytes` more.
  Chunk withRoomFor(int bytes) {
    if (!current.isHeld()) {
      current.clear();
    } else if (!current.hasRoomFor(bytes)) {
      var fresh = spare.poll();
      current = fresh == null ? new Chunk() : fresh;
    }
    return current;
  }

  /// A holder let go of `chunk`.
  void released(Chunk chunk) {
    chunk.release();
    if (!chunk.isHeld() && chunk != current && spare.size() < SPARE_CHUNKS) {
      chunk.clear();
      spare.add(chunk);
    }
  }
}
