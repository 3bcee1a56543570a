package dev.millrace.bench.graph;

import dev.millrace.core.problem.ProblemException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// How many frames a second pass three stages with a bounded queue in front of the second and the
/// third? The work and the check are those of [FusedGraphBenchmark]; every contestant may have as
/// many frames queued as every other.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(Work.FRAMES)
public class QueuedGraphBenchmark {

  /// The engine, warm.
  @State(Scope.Benchmark)
  public static class Engine {
    final EngineWork work = EngineWork.queued(Work.QUEUED_FRAMES, 0);

    /// Ends its threads.
    @TearDown
    public void close() {
      work.close();
    }
  }

  /// The engine with the channels a graph has whose document says nothing, warm.
  @State(Scope.Benchmark)
  public static class Narrow {
    final EngineWork work = EngineWork.queued(100, 0);

    /// Ends its threads.
    @TearDown
    public void close() {
      work.close();
    }
  }

  /// The ring and its threads, warm.
  @State(Scope.Benchmark)
  public static class Disruptor {
    final DisruptorRing ring = new DisruptorRing(Work.QUEUED_FRAMES);

    /// Ends its threads.
    @TearDown
    public void close() {
      ring.close();
    }
  }

  /// The queues.
  @State(Scope.Thread)
  public static class Queues {
    final BlockingQueues queues = new BlockingQueues(Work.QUEUED_FRAMES);
  }

  /// The engine: three chains, two channels, a worker per core.
  @Benchmark
  public long engineChannels(Engine engine) throws ProblemException, InterruptedException {
    return Work.checked(engine.work.run());
  }

  /// The engine with channels of 100 frames.
  @Benchmark
  public long engineNarrow(Narrow narrow) throws ProblemException, InterruptedException {
    return Work.checked(narrow.work.run());
  }

  /// Three threads around a ring.
  @Benchmark
  public long disruptorRing(Disruptor disruptor) throws InterruptedException {
    return Work.checked(disruptor.ring.run());
  }

  /// Three virtual threads and the JDK's queues of arrays.
  @Benchmark
  public long blockingQueues(Queues queues) throws Exception {
    return Work.checked(queues.queues.run());
  }
}
