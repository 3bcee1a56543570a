package dev.millrace.bench.reference;

import java.nio.ByteBuffer;

/// A stretch of memory with frames ready to be sent, shared by all subscribers. Appended to until
/// it is full; subscribers that lag hold it. Confined to the hub's thread.
final class Chunk {
  static final int CAPACITY_BYTES = 512 * 1024;

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(CAPACITY_BYTES);
  private final ByteBuffer window = bytes.duplicate();
  private int holders;

  /// The memory, positioned where the next frame goes.
  ByteBuffer bytes() {
    return bytes;
  }

  /// `[from, to)` for one write; valid until the next call.
  ByteBuffer range(int from, int to) {
    return window.limit(to).position(from);
  }

  boolean hasRoomFor(int more) {
    return CAPACITY_BYTES - bytes.position() >= more;
  }

  void hold() {
    holders++;
  }

  void release() {
    holders--;
  }

  boolean isHeld() {
    return holders > 0;
  }

  void clear() {
    bytes.clear();
  }
}
