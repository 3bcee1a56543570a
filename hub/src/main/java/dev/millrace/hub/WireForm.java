package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// How messages look on the wire of one dialect: complete frames, ready to be shared by every
/// session of that form. Stateless; called on the loops that own the topics, several at a time.
public interface WireForm {
  /// A short name, unique among the forms of one hub.
  String name();

  /// The exact or a larger number of bytes that [#encode] appends for `message`.
  int sizeLimit(Message message);

  /// The same for the place the message has got, which some forms write out.
  default int sizeLimit(Message message, Stamp stamp) {
    return sizeLimit(message);
  }

  /// Appends one complete frame and returns where, counted from its first byte, the text of its
  /// timestamp begins, or -1 if it has none. Must not write beyond [#sizeLimit].
  int encode(Message message, Stamp stamp, ByteBuf out);

  /// The form of subscriptions whose client can come back to its position: one whose frames say
  /// where they stand. This one where there is no such form.
  default WireForm stamped() {
    return this;
  }

  /// Whether a client that sees frames of this form notices one that is missing, and has to be told
  /// ([SessionTransport#skipped]).
  default boolean showsGaps() {
    return false;
  }

  /// The form of subscriptions of which filters and key readers take a part.
  default WireForm readable() {
    return this;
  }

  /// How kept frames of `canonical` become frames of this form, or null if they cannot; then a
  /// session of this form is never sent what it missed. Not asked when both are the same.
  default @Nullable Reencoder reencoderOf(WireForm canonical) {
    return null;
  }

  /// What one frame of this form says, for a topic's history; null if it cannot be read back.
  /// `frame` must not be changed or kept. Any thread.
  default @Nullable HistoryEntry read(long offset, ByteBuf frame) {
    return null;
  }
}
