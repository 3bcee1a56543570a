package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The subscribers that read at a hundredth of the others' rate. What they miss is no fault; one
/// that the server closes comes back, so that the others are disturbed to the end. Confined to the
/// load's thread.
final class SlowReaders {
  private static final int PART = 100;

  private final SocketLoop loop;
  private final Target target;
  private final String path;
  private final SlowReader[] readers;
  private final long[] since; // bytes each of the others had when this one began
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(16 * 1024);
  private long bytes;
  private int closed;

  SlowReaders(int count, Target target, String path, SocketLoop loop) throws IOException {
    this.loop = loop;
    this.target = target;
    this.path = path;
    readers = new SlowReader[count];
    since = new long[count];
    for (int i = 0; i < count; i++) {
      readers[i] = new SlowReader(target, path, loop.selector());
    }
  }

  int count() {
    return readers.length;
  }

  /// Lets each take its part, now that each of the others has had `others` bytes.
  void turn(long others) throws IOException {
    for (int i = 0; i < readers.length; i++) {
      if (!readers[i].isOpen()) {
        continue; // it is on its way back
      }
      try {
        bytes += readers[i].takeUpTo((others - since[i]) / PART, scratch);
      } catch (IOException ended) {
        closed++; // what a server may do to one that is hopelessly behind
        readers[i].close();
        readers[i] = new SlowReader(target, path, loop.selector());
        since[i] = others;
      }
    }
  }

  LoadResult.Slow result() {
    return new LoadResult.Slow(readers.length, bytes, closed);
  }
}
