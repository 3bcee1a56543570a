package dev.millrace.bench.graph;

import dev.millrace.app.server.Catalogue;
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

/// How many frames of 1,024 samples a second does the product make, amplify twice and keep? One
/// operation is one frame through all nodes; an invocation runs 32,768 of them, starting and ending
/// the graph included, and checks that all arrive.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(SampleChain.FRAMES)
public class SampleGraphBenchmark {

  /// One chain, warm.
  @State(Scope.Benchmark)
  public static class Fused {
    final SampleChain chain = SampleChain.fused(Catalogue.forChecking());

    /// Ends its threads.
    @TearDown
    public void close() {
      chain.close();
    }
  }

  /// A chain per node, warm.
  @State(Scope.Benchmark)
  public static class Queued {
    final SampleChain chain = SampleChain.queued(Catalogue.forChecking());

    /// Ends its threads.
    @TearDown
    public void close() {
      chain.close();
    }
  }

  /// Without a queue.
  @Benchmark
  public long samplesFused(Fused fused) throws ProblemException, InterruptedException {
    return fused.chain.run();
  }

  /// With a queue on every edge.
  @Benchmark
  public long samplesQueued(Queued queued) throws ProblemException, InterruptedException {
    return queued.chain.run();
  }
}
