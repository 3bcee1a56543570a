package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/// Answers and notices for one session, until the next frame boundary. Confined to its loop.
final class Outbox {
  private final ArrayDeque<ByteBuf> frames = new ArrayDeque<>(4);
  private long bytes;

  boolean isEmpty() {
    return frames.isEmpty();
  }

  /// Takes ownership of `frame` and returns true, or releases it and returns false if it would be
  /// one message or byte too many.
  boolean offer(ByteBuf frame, int messageLimit, long byteLimit) {
    if (frames.size() >= messageLimit || bytes + frame.readableBytes() > byteLimit) {
      frame.release();
      return false;
    }
    bytes += frame.readableBytes();
    frames.add(frame);
    return true;
  }

  /// Hands frames over, oldest first, until `byteLimit` is passed or none is left. Returns the
  /// bytes.
  int writeTo(SessionTransport transport, int byteLimit) {
    int written = 0;
    for (var frame = frames.peek(); frame != null && written < byteLimit; frame = frames.peek()) {
      frames.remove();
      int size = frame.readableBytes();
      bytes -= size;
      written += size;
      transport.write(frame);
    }
    return written;
  }

  void release() {
    frames.forEach(ByteBuf::release);
    frames.clear();
    bytes = 0;
  }
}
