package dev.millrace.control.pipeline;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.graph.Alike;
import dev.millrace.engine.graph.Graph;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// Ends some runs and begins others, all at the same time, except that a run begins only after
/// those have ended that bear its name or write to where it will write: its durable sinks must have
/// committed everything before its sources ask where to go on.
final class Handover {
  private final Runs runs;
  private final Leaving leaving;

  /// A run to be ended and closed.
  record Departure(String name, Graph graph, Run run, Reason reason) {}

  /// A run to be begun; `show` is called just before, when nothing is in its way any more.
  record Arrival(String name, Graph graph, Run run, Reason reason, Runnable show) {}

  /// What kept runs from beginning, in the order of the arrivals, and the frames that departures
  /// left.
  record Outcome(List<ProblemException> problems, long left) {}

  Handover(Runs runs, Leaving leaving) {
    this.runs = runs;
    this.leaving = leaving;
  }

  Outcome carryOut(List<Departure> departures, List<Arrival> arrivals) {
    var left = new AtomicLong();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var gone = new ArrayList<CompletableFuture<Long>>();
      for (var departure : departures) {
        gone.add(CompletableFuture.supplyAsync(() -> left.addAndGet(depart(departure)), threads));
      }
      var arrived = new ArrayList<CompletableFuture<Optional<ProblemException>>>();
      for (var arrival : arrivals) {
        var before = new ArrayList<CompletableFuture<?>>();
        for (int d = 0; d < departures.size(); d++) {
          if (clash(departures.get(d), arrival)) {
            before.add(gone.get(d));
          }
        }
        for (int a = 0; a < arrived.size(); a++) {
          if (Alike.shareASink(arrivals.get(a).graph(), arrival.graph())) {
            before.add(arrived.get(a));
          }
        }
        arrived.add(CompletableFuture.supplyAsync(() -> arrive(arrival, before), threads));
      }
      gone.forEach(CompletableFuture::join);
      var problems =
          arrived.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList();
      return new Outcome(problems, left.get());
    }
  }

  private Optional<ProblemException> arrive(Arrival arrival, List<CompletableFuture<?>> before) {
    before.forEach(CompletableFuture::join);
    leaving.makeWay(arrival.name(), arrival.graph());
    arrival.show().run();
    try {
      runs.begin(arrival.run(), arrival.reason());
      return Optional.empty();
    } catch (ProblemException problem) {
      return Optional.of(problem);
    }
  }

  private long depart(Departure departure) {
    var run = departure.run();
    long left = run.still() ? 0 : runs.end(run, departure.graph(), departure.reason());
    // Gives the names of its gauges back before the next run takes them.
    run.pipeline().close();
    return left;
  }

  private static boolean clash(Departure departure, Arrival arrival) {
    return departure.name().equals(arrival.name())
        || Alike.shareASink(departure.graph(), arrival.graph());
  }
}
