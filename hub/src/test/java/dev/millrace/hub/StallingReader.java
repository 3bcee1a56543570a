package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A session that reads what it is written, and now and then only after its loop has done something
/// else. Confined to its loop.
abstract class StallingReader implements SessionTransport {
  final ThreadLoop loop;
  final Random random;
  final Session session;
  private final int stallsOneIn;
  private final List<ByteBuf> unread = new ArrayList<>();

  StallingReader(Hub hub, ThreadLoop loop, WireForm form, long seed, int stallsOneIn) {
    this.loop = loop;
    this.random = new Random(seed);
    this.stallsOneIn = stallsOneIn;
    this.session = hub.open(loop, form, this);
  }

  /// One frame, as [PlainForm] has it.
  abstract void take(String text);

  @Override
  public void write(ByteBuf frames) {
    unread.add(frames);
  }

  @Override
  public boolean flush() {
    if (random.nextInt(stallsOneIn) == 0) {
      loop.execute(
          () -> {
            read();
            session.writable();
          });
      return false;
    }
    read();
    return true;
  }

  void read() {
    for (var frames : unread) {
      while (frames.isReadable()) {
        take(frames.readCharSequence(frames.readInt(), StandardCharsets.UTF_8).toString());
      }
      frames.release();
    }
    unread.clear();
  }
}
