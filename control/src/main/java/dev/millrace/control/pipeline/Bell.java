package dev.millrace.control.pipeline;

import java.util.function.BooleanSupplier;

/// Rung whenever something changes, for whoever waits until things are so.
final class Bell {
  void ring() {
    synchronized (this) {
      notifyAll();
    }
  }

  void awaitUntil(BooleanSupplier condition) throws InterruptedException {
    synchronized (this) {
      while (!condition.getAsBoolean()) {
        wait();
      }
    }
  }
}
