package dev.millrace.bench.graph;

import dev.millrace.core.frame.Frame;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;

/// Three stages on three virtual threads, with arrays of 64 frames in the JDK's bounded queues
/// between them: what a careful program without a library does.
final class BlockingQueues {
  private static final int ARRAY = 64;
  private static final int ARRAYS = Work.FRAMES / ARRAY;

  private final int capacity;

  /// Each queue holds `capacity` frames.
  BlockingQueues(int capacity) {
    this.capacity = capacity / ARRAY;
  }

  /// Sends all frames through and returns their sum.
  long run() throws Exception {
    var made = new ArrayBlockingQueue<Frame[]>(capacity);
    var changed = new ArrayBlockingQueue<Frame[]>(capacity);
    var sum = new FutureTask<>(() -> reduce(changed));
    start(new FutureTask<>(() -> make(made)));
    start(new FutureTask<>(() -> change(made, changed)));
    start(sum);
    return sum.get();
  }

  private static int make(BlockingQueue<Frame[]> out) throws InterruptedException {
    int number = 0;
    while (number < Work.FRAMES) {
      var frames = new Frame[ARRAY];
      for (int i = 0; i < ARRAY; i++) {
        frames[i] = Work.make(number++);
      }
      out.put(frames);
    }
    return number;
  }

  private static int change(BlockingQueue<Frame[]> in, BlockingQueue<Frame[]> out)
      throws InterruptedException {
    for (int array = 0; array < ARRAYS; array++) {
      var frames = in.take();
      var changed = new Frame[ARRAY];
      for (int i = 0; i < ARRAY; i++) {
        changed[i] = Work.change(frames[i]);
      }
      out.put(changed);
    }
    return ARRAYS;
  }

  private static long reduce(BlockingQueue<Frame[]> in) throws InterruptedException {
    long sum = 0;
    for (int array = 0; array < ARRAYS; array++) {
      for (var frame : in.take()) {
        sum = Work.reduce(sum, frame);
      }
    }
    return sum;
  }

  private static void start(FutureTask<?> work) {
    Thread.startVirtualThread(work);
  }
}
