package dev.millrace.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Several loops on the thread of the test, which decides whose task runs next.
final class SimulatedLoops {
  private final List<Loop> loops = new ArrayList<>();
  private @Nullable Loop current;

  SimulatedLoops(int count) {
    for (int i = 0; i < count; i++) {
      loops.add(new Loop());
    }
  }

  List<Loop> all() {
    return loops;
  }

  Loop loop(int number) {
    return loops.get(number);
  }

  /// Runs tasks until no loop has one.
  void run() {
    boolean worked = true;
    while (worked) {
      worked = false;
      for (var loop : loops) {
        worked |= loop.runOne();
      }
    }
  }

  /// Runs one task of a loop picked at random, if it has one.
  void runOne(Random random) {
    loops.get(random.nextInt(loops.size())).runOne();
  }

  final class Loop implements HubLoop {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private int reads;

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public void executeAfterReads(Runnable task) {
      reads++;
      tasks.add(task);
    }

    /// How often something was to wait for reads.
    int reads() {
      return reads;
    }

    @Override
    public boolean inLoop() {
      return current == this;
    }

    /// Does `work` as if a socket of this loop had asked for it.
    <T> T in(Supplier<T> work) {
      var before = current;
      current = this;
      try {
        return work.get();
      } finally {
        current = before;
      }
    }

    void in(Runnable work) {
      Object unused =
          in(
              () -> {
                work.run();
                return this;
              });
      assert unused == this;
    }

    /// All loops together.
    SimulatedLoops all() {
      return SimulatedLoops.this;
    }

    /// Tasks that have not begun.
    int waiting() {
      return tasks.size();
    }

    /// Runs the first task; returns whether there was one.
    boolean runOne() {
      var task = tasks.poll();
      if (task == null) {
        return false;
      }
      in(task);
      return true;
    }
  }
}
