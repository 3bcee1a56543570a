package dev.millrace.hub;

import io.netty.buffer.ByteBuf;

/// How messages look on the wire of one dialect: complete frames, ready to be shared by every
/// session of that form. Stateless; called on the loops that own the topics, several at a time.
public interface WireForm {
  /// A short name, unique among the forms of one hub.
  String name();

  /// The exact or a larger number of bytes that [#encode] appends for `message`.
  int sizeLimit(Message message);

  /// Appends one complete frame and returns where, counted from its first byte, the text of its
  /// timestamp begins, or -1 if it has none. Must not write beyond [#sizeLimit].
  int encode(Message message, Stamp stamp, ByteBuf out);
}
