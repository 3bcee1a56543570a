package dev.millrace.hub;

import io.netty.buffer.ByteBuf;

/// Writes each frame the way one session needs it: with a number of its own, a fresh timestamp, a
/// signature, sealed. Belongs to that session and may keep state between frames; called on its
/// loop, in the order in which the frames go to the socket.
@FunctionalInterface
public interface FrameRewriter {
  /// Appends what the session gets for `frame`: complete frames or nothing. Returns how many frames
  /// it appended. May read back what it appended in this call, but nothing before it. What it
  /// throws closes the session with 1011, for the peer could not follow any more.
  int rewrite(FrameView frame, ByteBuf out);

  /// All frames of one write have been shown: appends what was kept back of them, which counts as
  /// appended already. Also called before a session that is closed forgets them; what it throws
  /// closes the session as above.
  default void complete(ByteBuf out) {}
}
