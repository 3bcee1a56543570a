package dev.millrace.hub;

import io.netty.buffer.ByteBuf;

/// Turns frames of one form into another one. Stateless; called on the loops of the sessions,
/// several at a time.
@FunctionalInterface
public interface Reencoder {
  /// Appends to `out`, which grows as needed, what stands for one frame, which is valid during this
  /// call alone. Returns where, counted from the first byte it appended, the text of
  /// the timestamp begins, or -1 if there is none.
  int reencode(FrameView frame, ByteBuf out);
}
