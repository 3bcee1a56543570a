package dev.millrace.hub;

/// Chunks with frames of one int each, for stress tests, which make very many of them.
final class StressChunks {
  static final int CAPACITY = 256;
  private static final int TYPE = 3;
  private static final byte[] NOTHING = {};
  private static final WireForm FORM = new PlainForm("plain");
  private static final Message MESSAGE = Message.of("t", NOTHING, false, 0);

  private StressChunks() {}

  static Chunk open(MemoryBudget budget, int firstMessage) {
    var chunk = new Chunk(budget, firstMessage, 0);
    chunk.open(CAPACITY);
    return chunk;
  }

  /// Appends the frame of that offset of the topic, published at that millisecond, which saves as
  /// many bytes.
  static void append(Chunk chunk, Stamp stamp, long offset) {
    chunk.append(FORM, MESSAGE, stamp.set(1, offset, 0, 0), TYPE, offset, offset);
    chunk.saved(chunk.writtenFrames() - 1, (int) offset);
  }

  /// Whether a reader that was promised frame `frame` finds it: index, offset, time and savings.
  static boolean isThere(Chunk chunk, int frame, long offset) {
    long entry = chunk.entry(frame);
    return FrameIndex.type(entry) == TYPE
        && FrameIndex.start(entry) == frame * Integer.BYTES
        && chunk.offset(frame) == offset
        && chunk.publishedMillis(frame) == offset
        && chunk.saved(frame) == offset
        && chunk.data().getInt(FrameIndex.start(entry)) == 0;
  }
}
