package dev.millrace.gateway.inbound;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.InboundSpec;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// Messages of clients that wait for programs, bounded in messages and in bytes. Each goes to one
/// program, whichever asks first, and is gone then: a program that dies with a batch in hand takes
/// it along. While no program is connected, and none was lately, nothing is kept. Safe from any
/// thread, without a lock.
public final class InboundQueue implements InboundSink {
  /// A program that waits for the next message.
  @FunctionalInterface
  interface Waiter {
    /// There is something, unless another program was quicker. From any thread.
    void wake();
  }

  private final MpmcVarHandleArrayQueue<ClientMessage> queue;
  private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>(); // ≤ programs
  private final Respondents respondents;
  private final long byteLimit;
  private final Duration linger;
  private final Clock clock;
  private final AtomicLong bytes = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final AtomicInteger programs = new AtomicInteger();
  private final AtomicInteger kept = new AtomicInteger(); // programs, and timers of those that left
  private final CounterDataPoint taken;
  private final CounterDataPoint droppedForMessages;
  private final CounterDataPoint droppedForBytes;
  private final CounterDataPoint droppedForNobody;

  public InboundQueue(InboundSpec spec, Clock clock, Metrics metrics) {
    this.queue = new MpmcVarHandleArrayQueue<>(spec.messages());
    this.respondents = new Respondents(spec.maxRespondents());
    this.byteLimit = spec.bytes().bytes();
    this.linger = spec.linger();
    this.clock = clock;
    this.taken = metrics.counter(InboundMetric.TAKEN);
    this.droppedForMessages = metrics.counter(InboundMetric.DROPPED, "messages");
    this.droppedForBytes = metrics.counter(InboundMetric.DROPPED, "bytes");
    this.droppedForNobody = metrics.counter(InboundMetric.DROPPED, "no_program");
    metrics.gauge(InboundMetric.WAITING, queue::size);
  }

  @Override
  public boolean isWanted() {
    return kept.get() > 0;
  }

  @Override
  public void missed(int messages) {
    drop(droppedForNobody, messages);
  }

  @Override
  public void introduce(String user, String connection, Respondent respondent) {
    respondents.add(user, connection, respondent);
  }

  @Override
  public void gone(String connection) {
    respondents.remove(connection);
  }

  @Override
  public boolean offer(ClientMessage message) {
    if (kept.get() == 0) {
      return drop(droppedForNobody);
    }
    if (bytes.addAndGet(message.waitingBytes()) > byteLimit) {
      bytes.addAndGet(-message.waitingBytes());
      return drop(droppedForBytes);
    }
    if (!queue.offer(message)) {
      bytes.addAndGet(-message.waitingBytes());
      return drop(droppedForMessages);
    }
    wakeOne();
    return true;
  }

  // For the programs.

  Respondents respondents() {
    return respondents;
  }

  void programCame() {
    programs.incrementAndGet();
    kept.incrementAndGet();
  }

  void programLeft() {
    programs.decrementAndGet();
    var _ = clock.after(linger, this::lingered);
  }

  int programs() {
    return programs.get();
  }

  /// At most `most` messages, and no further one once they have `byteLimit` bytes.
  List<ClientMessage> take(int most, int batchBytes) {
    var batch = new ArrayList<ClientMessage>();
    int size = 0;
    while (batch.size() < most && size < batchBytes) {
      var message = poll();
      if (message == null) {
        break;
      }
      batch.add(message);
      size += message.waitingBytes();
    }
    taken.inc(batch.size());
    return batch;
  }

  /// Has `waiter` woken once there is something; at once if there is.
  void await(Waiter waiter) {
    waiters.add(waiter);
    if (!queue.isEmpty()) {
      wakeOne();
    }
  }

  /// The waiter waits no more. What it was woken for, another is woken for.
  void forget(Waiter waiter) {
    waiters.remove(waiter);
    if (!queue.isEmpty()) {
      wakeOne();
    }
  }

  int waiting() {
    return queue.size();
  }

  /// Messages that were not kept, since the start.
  long dropped() {
    return dropped.sum();
  }

  private void wakeOne() {
    var waiter = waiters.poll();
    if (waiter != null) {
      waiter.wake();
    }
  }

  private @Nullable ClientMessage poll() {
    var message = queue.poll();
    if (message != null) {
      bytes.addAndGet(-message.waitingBytes());
    }
    return message;
  }

  private boolean drop(CounterDataPoint counter) {
    drop(counter, 1);
    return false;
  }

  private void drop(CounterDataPoint counter, int messages) {
    counter.inc(messages);
    dropped.add(messages);
  }

  /// Nobody came back in time: what waits is dropped.
  private void lingered() {
    if (kept.decrementAndGet() > 0) {
      return;
    }
    while (poll() != null) {
      drop(droppedForNobody, 1);
    }
  }
}
