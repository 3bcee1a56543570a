package dev.millrace.gateway.wse.codec;

import dev.millrace.hub.FrameRewriter;
import dev.millrace.hub.FrameView;
import io.netty.buffer.ByteBuf;

/// Gives frames that waited the time at which they go out: clients take frames for stale whose
/// timestamp is some seconds old. Frames whose timestamp cannot be reached, which clients do not
/// look at either, stay as they are. Stateless: one for all sessions.
public final class FreshTimestamp implements FrameRewriter {
  public static final FreshTimestamp INSTANCE = new FreshTimestamp();

  private FreshTimestamp() {}

  @Override
  public int rewrite(FrameView frame, ByteBuf out) {
    int start = out.writerIndex();
    frame.copyTo(out);
    if (frame.timestampAt() >= 0) {
      out.setBytes(start + frame.timestampAt(), Timestamps.bytes(frame.nowMillis()));
    }
    return 1;
  }
}
