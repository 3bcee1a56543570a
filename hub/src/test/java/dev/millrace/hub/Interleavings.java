package dev.millrace.hub;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Runs a small scenario once for every order in which the steps of its actors and the tasks of its
/// loops can happen. What one loop does happens in the order it was handed in, as with real ones;
/// and so do the steps of one actor.
final class Interleavings {
  /// More orders than this are not tried: the scenario is too large to be proved.
  private static final int MAX_RUNS = 400_000;

  /// A fresh world with nothing done yet.
  interface World {
    SimulatedLoops loops();

    /// What each actor does, one after the other.
    List<List<Runnable>> actors();

    /// Called when nothing is left to be done.
    void check();
  }

  private Interleavings() {}

  /// Returns how many orders there were. What a check throws names the order.
  static int explore(Supplier<World> scenario) {
    var path = new ArrayList<int[]>(); // of each choice: which was taken, of how many
    int runs = 0;
    do {
      if (++runs > MAX_RUNS) {
        throw new AssertionError("there are more than " + MAX_RUNS + " orders");
      }
      var world = scenario.get();
      var taken = new StringBuilder();
      try {
        run(world, path, taken);
        world.check();
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("in the order" + taken + ": " + failure, failure);
      }
    } while (next(path));
    return runs;
  }

  private static void run(World world, List<int[]> path, StringBuilder taken) {
    var actors = world.actors().stream().map(ArrayDeque::new).toList();
    var loops = world.loops().all();
    int depth = 0;
    while (true) {
      var ready = new ArrayList<Integer>(); // actors, then loops
      for (int i = 0; i < actors.size(); i++) {
        if (!actors.get(i).isEmpty()) {
          ready.add(i);
        }
      }
      for (int i = 0; i < loops.size(); i++) {
        if (loops.get(i).waiting() > 0) {
          ready.add(actors.size() + i);
        }
      }
      if (ready.isEmpty()) {
        return;
      }
      int choice = 0;
      if (ready.size() > 1) {
        if (depth == path.size()) {
          path.add(new int[] {0, ready.size()});
        }
        choice = path.get(depth++)[0];
      }
      int who = ready.get(choice);
      if (who < actors.size()) {
        taken.append(" actor").append(who);
        actors.get(who).remove().run();
      } else {
        taken.append(" loop").append(who - actors.size());
        loops.get(who - actors.size()).runOne();
      }
    }
  }

  /// The next path in lexical order, or false after the last.
  private static boolean next(List<int[]> path) {
    while (!path.isEmpty()) {
      var last = path.getLast();
      if (++last[0] < last[1]) {
        return true;
      }
      path.removeLast();
    }
    return false;
  }
}
