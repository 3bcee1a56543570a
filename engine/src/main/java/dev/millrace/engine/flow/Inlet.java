package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.schedule.Wakeable;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// Where frames from outside wait for the source at the head of a chain. Bounded in frames; a frame
/// keeps its place until the step that took it is over. Whoever brings frames does so one at a time
/// ([#put]) and waits by parking; the chain never waits and takes no lock for a frame.
public final class Inlet {
  private final int capacity;
  private final SpscVarHandleArrayQueue<Frame> queue;

  // Another one when the chain is built anew, written while the old one stands still.
  private volatile Wakeable chain;

  private final ReentrantLock turn = new ReentrantLock(true);

  private final AtomicLong sent = new AtomicLong(); // written under this
  private final AtomicLong taken = new AtomicLong(); // written by the chain
  private final AtomicLong done = new AtomicLong(); // written by the chain

  // Written by whoever has the turn, and by whoever wakes it.
  private volatile @Nullable Thread waiter;

  private volatile boolean closed; // written under this

  public Inlet(int capacity, Wakeable chain) {
    this.capacity = capacity;
    this.chain = chain;
    this.queue = new SpscVarHandleArrayQueue<>(capacity);
  }

  /// The frames are for `other` from now on.
  void feeds(Wakeable other) {
    chain = other;
  }

  /// Held by whoever brings a frame and may have to wait for room: first come, first served.
  public ReentrantLock turn() {
    return turn;
  }

  /// Whether somebody is ahead of a frame that came now.
  public boolean contended() {
    return waiter != null || turn.hasQueuedThreads();
  }

  public boolean hasRoom() {
    return sent.get() - done.getAcquire() < capacity;
  }

  /// Has the calling thread, which has the turn, unparked whenever it may be worth another look.
  public void waits() {
    waiter = Thread.currentThread();
    // With the fence in settle(): we see the room, or the chain sees that we wait.
    VarHandle.fullFence();
  }

  /// Whoever has the turn waits no more.
  public void waitsNoMore() {
    waiter = null;
  }

  /// Unparks whoever waits. Any thread.
  public void stir() {
    var waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /// Hands `frame` over; there must be room. One thread at a time.
  ///
  /// @return false if nothing is taken any more
  public boolean put(Frame frame) {
    synchronized (this) {
      if (closed) {
        return false;
      }
      if (!queue.offer(frame)) {
        throw new IllegalStateException("more than " + capacity + " frames for one entry");
      }
      sent.set(sent.get() + 1);
    }
    chain.wake();
    return true;
  }

  /// Takes no further frame; those that wait are delivered. Any thread.
  public void close() {
    synchronized (this) {
      closed = true;
    }
    stir();
    chain.wake();
  }

  public boolean closed() {
    return closed;
  }

  /// Any thread: frames that wait or are in hand.
  public long queuedFrames() {
    long finished = done.getAcquire(); // first, so that the difference is never negative
    return sent.get() - finished;
  }

  /// Any thread, once the chain has ended: frames that were accepted and never handed over.
  public long discardedFrames() {
    return sent.get() - taken.getAcquire();
  }

  /// Chain: whether a frame waits.
  boolean waiting() {
    return !queue.isEmpty();
  }

  /// Chain: the next frame, or null.
  @Nullable Frame take() {
    var frame = queue.poll();
    if (frame != null) {
      taken.setRelease(taken.getPlain() + 1);
    }
    return frame;
  }

  /// Chain: what was taken has been handled, except the last `inHand` frames; the others' places
  /// are free.
  void settle(int inHand) {
    long handled = taken.getPlain() - inHand;
    if (handled != done.getPlain()) {
      done.setRelease(handled);
      VarHandle.fullFence();
      stir();
    }
  }

  /// Chain, as it ends: the last `frames` that were taken will not be handled.
  void discard(int frames) {
    taken.setRelease(taken.getPlain() - frames);
  }

  /// Any thread: how full it is, from 0 to 1.
  double fill() {
    return Math.min(1, (double) queuedFrames() / capacity);
  }

  int capacity() {
    return capacity;
  }

  /// Chain: nothing waits and nothing follows.
  boolean exhausted() {
    return closed && queue.isEmpty();
  }
}
