package dev.millrace.core.signal;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Announces signals to subscribers by type. Announcing never blocks and never runs a subscriber's
/// code: each subscriber has a bounded queue and a virtual thread, and what does not fit is dropped
/// for that subscriber alone and counted.
///
/// Because anything may be dropped, nothing essential may hang on one signal: a subscriber also
/// gives a `reconcile` that looks at how things really are, and the bus runs it on a timer. Signals
/// only make it faster.
///
/// Safe from any thread. Signals of one announcer reach one subscriber in order. What is announced
/// after closing is discarded.
public final class SignalBus implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SignalBus.class);

  private final int capacity;
  private final Clock clock;
  private final Metrics metrics;
  private final CounterDataPoint publishedTotal;
  private final AtomicLong published = new AtomicLong();
  private final CopyOnWriteArrayList<Subscription<?>> subscriptions = new CopyOnWriteArrayList<>();
  private volatile boolean closed; // written once by close

  /// `capacity`: signals that wait per subscriber before newer ones are dropped.
  public SignalBus(int capacity, Clock clock, Metrics metrics) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity " + capacity + " < 1");
    }
    this.capacity = capacity;
    this.clock = clock;
    this.metrics = metrics;
    this.publishedTotal = metrics.counter(SignalMetric.PUBLISHED);
  }

  /// Calls `action` for each signal of `type` or a subtype, and `reconcile` every `interval`, both
  /// on one thread of the subscriber's own, until closed. `name` is a metric label: a constant.
  public <S extends Signal> Subscription<S> subscribe(
      String name, Class<S> type, Consumer<S> action, Duration interval, Runnable reconcile) {
    var subscription = new Subscription<>(this, name, type, action, reconcile);
    subscription.timer = clock.every(interval, subscription::reconcileSoon);
    subscriptions.add(subscription);
    subscription.worker.start();
    return subscription;
  }

  /// Never blocks, never throws.
  public void announce(Signal signal) {
    if (closed) {
      return;
    }
    published.incrementAndGet();
    publishedTotal.inc();
    for (var subscription : subscriptions) {
      subscription.offer(signal);
    }
  }

  /// Signals announced so far; whoever numbers what it passes on can show its reader a gap.
  public long published() {
    return published.get();
  }

  /// Signals dropped, by the name of each subscriber that is there now.
  public Map<String, Long> droppedBySubscriber() {
    var dropped = new TreeMap<String, Long>();
    subscriptions.forEach(one -> dropped.merge(one.name, one.dropped(), Long::sum));
    return dropped;
  }

  @Override
  public void close() {
    closed = true;
    for (var subscription : subscriptions) {
      subscription.close();
    }
  }

  /// One subscriber. Closing lets the signal in hand finish and discards the queue.
  public static final class Subscription<S extends Signal> implements AutoCloseable {
    private final SignalBus bus;
    private final String name;
    private final Class<S> type;
    private final Runnable reconcile;
    private final ArrayBlockingQueue<Runnable> queue;
    private final Consumer<S> action;
    private final LongAdder dropped = new LongAdder();
    private final CounterDataPoint droppedTotal;
    private final AtomicBoolean reconcileDue = new AtomicBoolean(); // timer sets, worker clears
    private final Thread worker;
    private Clock.@Nullable Timer timer; // set before the subscription is known to anybody

    private Subscription(
        SignalBus bus, String name, Class<S> type, Consumer<S> action, Runnable reconcile) {
      this.bus = bus;
      this.name = name;
      this.type = type;
      this.action = action;
      this.reconcile = reconcile;
      this.queue = new ArrayBlockingQueue<>(bus.capacity);
      this.droppedTotal = bus.metrics.counter(SignalMetric.DROPPED, name);
      this.worker = Thread.ofVirtual().name("signals-" + name).unstarted(this::serve);
    }

    /// Signals this subscriber has missed.
    public long dropped() {
      return dropped.sum();
    }

    @Override
    public void close() {
      bus.subscriptions.remove(this);
      if (timer != null) {
        timer.cancel();
      }
      worker.interrupt();
    }

    private void offer(Signal signal) {
      if (type.isInstance(signal) && !queue.offer(() -> action.accept(type.cast(signal)))) {
        dropped.increment();
        droppedTotal.inc();
      }
    }

    private void reconcileSoon() {
      reconcileDue.set(true);
      // Wakes an idle worker. A full queue needs no waking: the flag is looked at between signals.
      var _ = queue.offer(() -> {});
    }

    private void serve() {
      try {
        while (true) {
          carefully(queue.take());
          if (reconcileDue.compareAndSet(true, false)) {
            carefully(reconcile);
          }
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    }

    private void carefully(Runnable work) {
      try {
        work.run();
      } catch (RuntimeException failure) {
        log.error("The subscriber {} failed on a signal; it goes on with the next", name, failure);
      }
    }
  }
}
