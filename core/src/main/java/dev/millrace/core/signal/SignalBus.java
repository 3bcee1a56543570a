package dev.millrace.core.signal;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Announces signals to subscribers by type. Announcing never blocks and never runs a subscriber's
/// code: each subscriber has a bounded queue and a virtual thread, and what does not fit is dropped
/// for that subscriber alone and counted.
///
/// Safe from any thread. Signals of one announcer reach one subscriber in order.
public final class SignalBus implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SignalBus.class);

  private final int capacity;
  private final CopyOnWriteArrayList<Subscription<?>> subscriptions = new CopyOnWriteArrayList<>();
  private final LongAdder dropped = new LongAdder(); // by all subscribers, closed ones included

  /// `capacity`: signals that wait per subscriber before newer ones are dropped.
  public SignalBus(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity + " < 1");
    }
    this.capacity = capacity;
  }

  /// Calls `action`, on a thread of its own, for each signal of `type` or a subtype, until closed.
  public <S extends Signal> Subscription<S> subscribe(Class<S> type, Consumer<S> action) {
    var subscription = new Subscription<>(this, type, action, capacity);
    subscriptions.add(subscription);
    return subscription;
  }

  public void announce(Signal signal) {
    for (var subscription : subscriptions) {
      subscription.offer(signal);
    }
  }

  /// Signals dropped so far because a subscriber's queue was full.
  public long dropped() {
    return dropped.sum();
  }

  @Override
  public void close() {
    for (var subscription : subscriptions) {
      subscription.close();
    }
  }

  /// One subscriber. Closing lets the signal in hand finish and discards the queue.
  public static final class Subscription<S extends Signal> implements AutoCloseable {
    private final SignalBus bus;
    private final Class<S> type;
    private final ArrayBlockingQueue<S> queue;
    private final LongAdder dropped = new LongAdder();
    private final Thread worker;

    private Subscription(SignalBus bus, Class<S> type, Consumer<S> action, int capacity) {
      this.bus = bus;
      this.type = type;
      this.queue = new ArrayBlockingQueue<>(capacity);
      this.worker =
          Thread.ofVirtual().name("signals-" + type.getSimpleName()).start(() -> serve(action));
    }

    /// Signals this subscriber has missed.
    public long dropped() {
      return dropped.sum();
    }

    @Override
    public void close() {
      bus.subscriptions.remove(this);
      worker.interrupt();
    }

    private void offer(Signal signal) {
      if (type.isInstance(signal) && !queue.offer(type.cast(signal))) {
        dropped.increment();
        bus.dropped.increment();
      }
    }

    private void serve(Consumer<S> action) {
      try {
        while (true) {
          var signal = queue.take();
          try {
            action.accept(signal);
          } catch (RuntimeException failure) {
            log.error("A subscriber failed on {}; it goes on with the next", signal, failure);
          }
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
