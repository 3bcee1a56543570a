package dev.millrace.hub;

import io.netty.buffer.ByteBuf;

/// Turns frames of the canonical form into another one. Stateless; called on the loops of the
/// sessions, several at a time.
@FunctionalInterface
public interface Reencoder {
  /// Appends to `out`, which grows as needed, what stands for one canonical frame: the readable
  /// bytes of `frame`, which is valid during this call alone and must not be changed.
  void reencode(ByteBuf frame, ByteBuf out);
}
