package dev.millrace.bench.graph;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.YieldingWaitStrategy;
import dev.millrace.core.frame.Frame;
import java.util.concurrent.Semaphore;

/// Three stages on three threads around one ring: whoever runs it makes and publishes 64 at a time,
/// one thread changes, one sums up. All wait by yielding, the fastest of the strategies that leave
/// others a core at all. The threads stay warm between runs and spin meanwhile.
final class DisruptorRing implements AutoCloseable {
  private static final int PUBLISHED_AT_ONCE = 64;

  private final RingBuffer<Slot> ring;
  private final BatchEventProcessor<Slot> changing;
  private final BatchEventProcessor<Slot> reducing;
  private final Semaphore done = new Semaphore(0);

  // Of the reducing thread; read after it has released `done`.
  private long sum;
  private int reduced;

  private static final class Slot {
    Frame frame = Work.make(0);
  }

  /// `capacity` is the slots of the ring, a power of two.
  DisruptorRing(int capacity) {
    ring = RingBuffer.createSingleProducer(Slot::new, capacity, new YieldingWaitStrategy());
    changing =
        processor(ring.newBarrier(), (slot, at, last) -> slot.frame = Work.change(slot.frame));
    reducing =
        processor(ring.newBarrier(changing.getSequence()), (slot, at, last) -> reduce(slot.frame));
    ring.addGatingSequences(reducing.getSequence());
    start("change", changing);
    start("reduce", reducing);
  }

  /// Sends all frames through and returns their sum.
  long run() throws InterruptedException {
    for (int number = 0; number < Work.FRAMES; ) {
      long last = ring.next(PUBLISHED_AT_ONCE);
      long first = last - PUBLISHED_AT_ONCE + 1;
      for (long at = first; at <= last; at++) {
        ring.get(at).frame = Work.make(number++);
      }
      ring.publish(first, last);
    }
    done.acquire();
    return sum;
  }

  @Override
  public void close() {
    changing.halt();
    reducing.halt();
  }

  private void reduce(Frame frame) {
    if (reduced == 0) {
      sum = 0;
    }
    sum = Work.reduce(sum, frame);
    if (++reduced == Work.FRAMES) {
      reduced = 0;
      done.release();
    }
  }

  private BatchEventProcessor<Slot> processor(SequenceBarrier barrier, EventHandler<Slot> handler) {
    return new BatchEventProcessorBuilder().build(ring, barrier, handler);
  }

  private static void start(String name, Runnable work) {
    Thread.ofPlatform().name("disruptor-" + name).daemon(true).start(work);
  }
}
