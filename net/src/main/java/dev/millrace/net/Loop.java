package dev.millrace.net;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// One event loop: the thread that owns its sockets and everything that hangs on them. Work handed
/// to [#execute] from a read callback runs after all reads of the same turn.
///
/// Safe from any thread, except [#deadlines], [#shortMessage] and the counting methods, which
/// belong to the loop.
public final class Loop implements Executor {
  /// Longer messages are few.
  private static final int SHORT_MESSAGE = 8 << 10;

  private final int index;
  private final EventLoop events;
  private final Metrics metrics;
  private final MemoryBudget incompleteInput;
  private final Deadlines deadlines;
  private final ByteBuf shortMessage = Unpooled.wrappedBuffer(new byte[SHORT_MESSAGE]);
  private final CounterDataPoint bytesInTotal;
  private final CounterDataPoint bytesOutTotal;
  private final CounterDataPoint messagesInTotal;
  private long bytesIn; // these three: counted by the loop, published by its sweep
  private long bytesOut;
  private long messagesIn;

  Loop(int index, EventLoop events, Clock clock, Metrics metrics, MemoryBudget incompleteInput) {
    this.index = index;
    this.events = events;
    this.metrics = metrics;
    this.incompleteInput = incompleteInput;
    this.deadlines = new Deadlines(clock);
    this.bytesInTotal = metrics.counter(NetMetric.BYTES_IN);
    this.bytesOutTotal = metrics.counter(NetMetric.BYTES_OUT);
    this.messagesInTotal = metrics.counter(NetMetric.MESSAGES_IN);
  }

  /// A loop over any Netty event loop, for connections that a test opens on an embedded channel.
  /// Nothing sweeps its deadlines.
  public static Loop over(EventLoop events, Clock clock, Metrics metrics) {
    return new Loop(0, events, clock, metrics, new MemoryBudget(Long.MAX_VALUE));
  }

  /// From 0; also the N in the thread's name.
  public int index() {
    return index;
  }

  /// Runs `work` on the loop, in the order of calls from one thread.
  @Override
  public void execute(Runnable work) {
    events.execute(work);
  }

  /// Runs `work` after the sockets that are ready by then have been read. [#execute] would run it
  /// before that: Netty's loop goes on with tasks for as long as there are any, up to a second. On
  /// the loop only.
  public void executeAfterReads(Runnable work) {
    var _ = events.schedule(work, 0, TimeUnit.NANOSECONDS);
  }

  /// Whether the calling thread is the loop.
  public boolean inLoop() {
    return events.inEventLoop();
  }

  /// Pooled, fastest on the loop itself.
  public ByteBufAllocator allocator() {
    return EventLoops.ALLOCATOR;
  }

  /// Where a short message of a peer stands while it is handled, in an array from its beginning.
  public ByteBuf shortMessage() {
    return shortMessage;
  }

  public Deadlines deadlines() {
    return deadlines;
  }

  public Metrics metrics() {
    return metrics;
  }

  public MemoryBudget incompleteInput() {
    return incompleteInput;
  }

  public void countRead(int bytes) {
    bytesIn += bytes;
  }

  public void countWritten(int bytes) {
    bytesOut += bytes;
  }

  public void countMessage() {
    messagesIn++;
  }

  EventLoop events() {
    return events;
  }

  /// A few times a second: missed deadlines, and counters made visible.
  void sweep() {
    deadlines.sweep();
    bytesInTotal.inc(bytesIn);
    bytesOutTotal.inc(bytesOut);
    messagesInTotal.inc(messagesIn);
    bytesIn = 0;
    bytesOut = 0;
    messagesIn = 0;
  }
}
