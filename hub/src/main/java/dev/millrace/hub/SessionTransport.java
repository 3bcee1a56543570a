package dev.millrace.hub;

import io.netty.buffer.ByteBuf;

/// The connection of one session, as the hub sees it. Every call comes from the session's loop.
///
/// An implementation may call [Session#close()] from inside any of these, and but for what
/// [#skipped] says nothing else of the session. It must not throw: a connection that is gone
/// releases what it is given and reports itself closed.
public interface SessionTransport {
  /// Takes ownership of `frames`, complete frames in order; nothing leaves before [#flush()]. The
  /// bytes are shared with other sessions and must not be changed.
  void write(ByteBuf frames);

  /// Sends what was written, with one system call if the peer keeps up. Returns whether all of it
  /// has left; if not, [Session#writable()] must be called once it has, and the hub writes nothing
  /// until then.
  boolean flush();

  /// Whether a session that cannot keep up may go without unimportant messages. Otherwise it is
  /// closed as soon as it would have to, and comes back for what it has not had.
  default boolean maySkip() {
    return true;
  }

  /// The session went without messages of a subscription whose frames show gaps: the next frame of
  /// it comes behind `offset` of `epoch`. What is given to [Session#send] here stands before that
  /// frame.
  default void skipped(String topic, int epoch, long offset) {}

  /// Ends the connection with a close frame. The hub has already forgotten the session.
  void close(int code, String reason);
}
