package dev.millrace.engine.tap;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.time.Clock;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// What one reader sees of the frames that flow. Chains put frames in and never wait; one thread at
/// a time reads. It is over when it was closed, has shown as many frames as it may, or the pipeline
/// has ended; what is in it then can still be read.
public final class Tap implements AutoCloseable {
  private static final long FRAME_BYTES = 200; // and of the event around it

  private final TapHub hub;
  private final TapPattern pattern;
  private final TapOptions options;
  private final Clock clock;
  private final CounterDataPoint missedMetric;
  private final MpscVarHandleArrayQueue<TapEvent> queue;

  // All written by the chains, read by anybody.
  private final AtomicLong shown = new AtomicLong();
  private final AtomicLong missed = new AtomicLong();
  private final AtomicLong missedSince = new AtomicLong(); // the last event that fitted
  private final AtomicLong nextNanos; // when the next frame may be shown
  private final AtomicLong waitingBytes = new AtomicLong(); // the reader takes away

  private volatile boolean over; // set once, by whoever ends it
  private volatile @Nullable Thread reader; // while it waits; written by itself

  Tap(
      TapHub hub,
      TapPattern pattern,
      TapOptions options,
      Clock clock,
      CounterDataPoint missedMetric) {
    this.hub = hub;
    this.pattern = pattern;
    this.options = options;
    this.clock = clock;
    this.missedMetric = missedMetric;
    this.queue = new MpscVarHandleArrayQueue<>(options.queueFrames());
    this.nextNanos = new AtomicLong(clock.nanoTime());
  }

  /// The next frame if there is one now.
  public @Nullable TapEvent take() {
    var event = queue.poll();
    if (event != null) {
      waitingBytes.addAndGet(-bytes(event.frame()));
    }
    return event;
  }

  /// The next frame, waiting for one if need be; null when none came in time or the tap is over.
  public @Nullable TapEvent poll(Duration timeout) throws InterruptedException {
    var event = take();
    if (event != null || over) {
      return event == null ? lastOne() : event;
    }
    var thread = Thread.currentThread();
    long until = clock.nanoTime() + timeout.toNanos();
    var timer = clock.after(timeout, () -> LockSupport.unpark(thread));
    reader = thread;
    try {
      // With the fence in offer(): we see the frame, or the chain sees that we wait.
      VarHandle.fullFence();
      for (event = take(); event == null; event = take()) {
        if (over) {
          return lastOne();
        }
        if (clock.nanoTime() - until >= 0) {
          return null;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        LockSupport.park(this);
      }
      return event;
    } finally {
      reader = null;
      timer.cancel();
    }
  }

  /// Whether nothing is left and nothing will come.
  public boolean ended() {
    return over && queue.isEmpty();
  }

  /// Frames that did not fit the queue so far.
  public long missed() {
    return missed.get();
  }

  /// Nodes and edges that are watched now, in the order of their names.
  public List<String> places() {
    return hub.places(pattern);
  }

  /// Ends it and takes it off its pipeline, which in a large graph takes a moment.
  @Override
  public void close() {
    end();
    hub.remove(this);
  }

  /// Nothing more is shown, and whoever waits for a frame is told. From any thread; never waits.
  public void end() {
    over = true;
    LockSupport.unpark(reader);
  }

  TapPattern pattern() {
    return pattern;
  }

  int every() {
    return options.every();
  }

  /// A chain: shows a frame, unless it is too soon for another or there is no room.
  void offer(String place, Frame frame) {
    if (over || !due()) {
      return;
    }
    if (queue.size() >= options.queueFrames() || waitingBytes.get() >= options.queueBytes()) {
      miss(0);
      return;
    }
    long number = shown.incrementAndGet();
    if (options.limit() > 0 && number > options.limit()) {
      return;
    }
    long before = missedSince.getAndSet(0);
    long size = bytes(frame);
    waitingBytes.addAndGet(size);
    if (!queue.offer(new TapEvent(place, clock.epochMicros(), frame.detach(), before))) {
      waitingBytes.addAndGet(-size);
      shown.decrementAndGet();
      miss(before);
      return;
    }
    if (number == options.limit()) {
      over = true;
    }
    VarHandle.fullFence();
    LockSupport.unpark(reader);
  }

  /// `over` may have been set between an empty look and now, with a frame before it.
  private @Nullable TapEvent lastOne() {
    var event = take();
    if (event == null) {
      hub.remove(this);
    }
    return event;
  }

  private boolean due() {
    if (options.perSecond() == 0) {
      return true;
    }
    long now = clock.nanoTime();
    long next = nextNanos.get();
    return now - next >= 0
        && nextNanos.compareAndSet(next, now + 1_000_000_000L / options.perSecond());
  }

  /// What a frame keeps in memory, roughly.
  private static long bytes(Frame frame) {
    return switch (frame.body()) {
      case Body.Empty() -> FRAME_BYTES;
      case Body.Text(var text) -> FRAME_BYTES + text.length();
      case Body.JsonBytes json -> FRAME_BYTES + json.bytes().length;
      case Samples samples -> {
        long values = 0;
        for (int channel = 0; channel < samples.count(); channel++) {
          values += samples.channel(channel).length;
        }
        yield FRAME_BYTES + Double.BYTES * values;
      }
    };
  }

  private void miss(long before) {
    missed.incrementAndGet();
    missedSince.addAndGet(before + 1);
    missedMetric.inc();
  }
}
