package dev.millrace.testkit.node;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Runs a step on a thread of its own and waits for it: nodes may meet another thread at each call.
final class Elsewhere {
  private Elsewhere() {}

  static <T> T run(Callable<T> step) throws Exception {
    var task = new FutureTask<>(step);
    Thread.ofPlatform().name("node-harness").start(task);
    try {
      return task.get();
    } catch (ExecutionException failure) {
      switch (failure.getCause()) {
        case Error error -> throw error;
        case Exception exception -> throw exception;
        case null, default -> throw failure;
      }
    }
  }
}
