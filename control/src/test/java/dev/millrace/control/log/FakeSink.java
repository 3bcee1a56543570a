package dev.millrace.control.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A sink that remembers what it was given, and that can block, fail or take nothing.
final class FakeSink implements WritableByteChannel {
  final AtomicInteger blockedWriters = new AtomicInteger();
  final AtomicInteger attempts = new AtomicInteger();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private volatile CountDownLatch open = new CountDownLatch(0);
  private volatile boolean failing;
  private volatile int most = Integer.MAX_VALUE;
  private volatile boolean closed;

  void block() {
    open = new CountDownLatch(1);
  }

  void unblock() {
    open.countDown();
  }

  void fail(boolean whether) {
    failing = whether;
  }

  /// Takes at most so many bytes at once; 0 is a sink that is full and does not wait.
  void takeAtMost(int bytes) {
    most = bytes;
  }

  synchronized String text() {
    return written.toString(StandardCharsets.UTF_8);
  }

  /// The lines that are whole.
  List<String> lines() {
    var text = text();
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    attempts.incrementAndGet();
    blockedWriters.incrementAndGet();
    try {
      open.await();
    } catch (InterruptedException interrupted) {
      throw new IOException(interrupted);
    } finally {
      blockedWriters.decrementAndGet();
    }
    if (failing) {
      throw new IOException("No space left on device");
    }
    return take(from);
  }

  private synchronized int take(ByteBuffer from) {
    var bytes = new byte[Math.min(most, from.remaining())];
    from.get(bytes);
    written.writeBytes(bytes);
    return bytes.length;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
