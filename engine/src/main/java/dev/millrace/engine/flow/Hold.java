package dev.millrace.engine.flow;

import java.util.concurrent.CompletableFuture;

/// Whether a chain has to stand still, and whether it does. Several may ask at once; it goes on
/// when the last of them lets go. Safe from any thread.
final class Hold {
  private enum State {
    FREE,
    ASKED,
    PARKED
  }

  // Written under this; the chain reads it once per step.
  private volatile State state = State.FREE;

  // Written under this: to be parked, the chain must have nothing in it.
  private volatile boolean emptying;

  private int holders; // guarded by this
  private boolean over; // guarded by this
  private CompletableFuture<Void> parked = new CompletableFuture<>(); // guarded by this

  /// Asks the chain to stand still.
  ///
  /// @return what completes when it does, when it has ended, or when nobody wants it to any more
  synchronized CompletableFuture<Void> ask() {
    if (holders++ == 0 && !over) {
      state = State.ASKED;
      parked = new CompletableFuture<>();
    }
    return parked;
  }

  /// [#ask] of a chain that nobody else holds, to stand still once nothing is in it.
  synchronized CompletableFuture<Void> askEmpty() {
    emptying = true;
    return ask();
  }

  /// Of a chain that stands still: to run until nothing is in it, and to stand still again.
  synchronized CompletableFuture<Void> askAgain() {
    if (state == State.PARKED) {
      emptying = true;
      state = State.ASKED;
      parked = new CompletableFuture<>();
    }
    return parked;
  }

  boolean emptying() {
    return emptying;
  }

  void release() {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      if (holders == 0) {
        throw new IllegalStateException("a chain that nobody holds was released");
      }
      if (--holders > 0) {
        return;
      }
      state = State.FREE;
      emptying = false;
      waiting = parked;
    }
    waiting.complete(null);
  }

  boolean asked() {
    return state != State.FREE;
  }

  boolean parked() {
    return state == State.PARKED;
  }

  /// The chain stands still, and touches nothing of its own until it is released.
  void arrived() {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      if (state != State.ASKED) {
        return;
      }
      state = State.PARKED;
      waiting = parked;
    }
    waiting.complete(null);
  }

  /// The chain has ended.
  void over() {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      over = true;
      state = State.FREE;
      waiting = parked;
    }
    waiting.complete(null);
  }
}
