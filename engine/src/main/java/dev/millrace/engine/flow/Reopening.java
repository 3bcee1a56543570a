package dev.millrace.engine.flow;

import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.engine.schedule.Wakeable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Closes one instance of a node and opens a fresh one. Both may block, so it runs on the node's
/// own thread or, for a node that shares its thread, on a virtual one; the chain looks at
/// [#outcome] and is woken when that changes.
final class Reopening implements Runnable {
  private static final Outcome PENDING = new Pending();

  private final @Nullable Node old;
  private final Supplier<Node> fresh;
  private final NodeContext context;
  private final InstanceCloser closer;
  private final Wakeable chain;
  private final AtomicReference<Outcome> outcome = new AtomicReference<>(PENDING);

  // Written by whoever starts it, before it runs.
  private @Nullable Thread thread;

  /// What it has come to.
  sealed interface Outcome {}

  record Pending() implements Outcome {}

  record Opened(Node instance) implements Outcome {}

  record Failed(Throwable cause) implements Outcome {}

  /// Nobody waits for it any more: what it opens it closes.
  record Abandoned() implements Outcome {}

  /// Closes an instance and says so if that fails; any thread.
  @FunctionalInterface
  interface InstanceCloser {
    void close(Node instance);
  }

  /// `old` is null if the instance before could not be opened either.
  Reopening(
      @Nullable Node old,
      Supplier<Node> fresh,
      NodeContext context,
      InstanceCloser closer,
      Wakeable chain) {
    this.old = old;
    this.fresh = fresh;
    this.context = context;
    this.closer = closer;
    this.chain = chain;
  }

  void start(String threadName) {
    var virtual = Thread.ofVirtual().name(threadName).unstarted(this);
    thread = virtual;
    virtual.start();
  }

  @Override
  public void run() {
    if (old != null) {
      closer.close(old);
    }
    var came = open();
    if (outcome.compareAndSet(PENDING, came)) {
      chain.wake();
    } else {
      closeIfOpened(came);
    }
  }

  private Outcome open() {
    try {
      var instance = fresh.get();
      instance.open(context);
      return new Opened(instance);
    } catch (Throwable failure) {
      return new Failed(failure);
    }
  }

  Outcome outcome() {
    return outcome.get();
  }

  /// The chain ends without it.
  void abandon() {
    closeIfOpened(outcome.getAndSet(new Abandoned()));
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void closeIfOpened(Outcome came) {
    if (came instanceof Opened(var instance)) {
      closer.close(instance);
    }
  }
}
