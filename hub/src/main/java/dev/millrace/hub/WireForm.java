package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
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

  /// The form of the same dialect whose frames are plain. Forms that have one in common say the
  /// same.
  default WireForm readable() {
    return this;
  }

  /// How frames of `other` become frames of this form, or null if they cannot; then a session of
  /// this form is never sent what it missed where messages are kept in the other, and does not
  /// share the messages of a queue group in it. Not asked when both are the same.
  default @Nullable Reencoder reencoderOf(WireForm other) {
    return null;
  }

  /// Whether frames may be smaller than they would be otherwise: then [#sizeLimit] with a stamp is
  /// what a frame would take, and what [#encode] writes less counts as saved.
  default boolean saves() {
    return false;
  }

  /// Whether [#encodeElsewhere] is to be asked for the frame of `message`, because it takes long.
  default boolean takesLong(Message message) {
    return false;
  }

  /// Makes a frame on another thread, on which it calls `done` once, with null if it failed. The
  /// stamp is read before this returns. Returns false without calling `done` if there is no room:
  /// then [#encode] is asked, which takes no longer for long messages than for others.
  default boolean encodeElsewhere(
      Message message, Stamp stamp, Consumer<@Nullable MadeFrame> done) {
    return false;
  }

  /// What one frame of this form says, for a topic's history; null if it cannot be read back.
  /// `frame` must not be changed or kept. Any thread.
  default @Nullable HistoryEntry read(long offset, ByteBuf frame) {
    return null;
  }
}
