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

/// How many frames a second pass three fused stages? One operation is one frame through all three;
/// an invocation runs 1,048,576 of them, starting and ending the graph included, and checks the
/// sum.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(Work.FRAMES)
public class FusedGraphBenchmark {

  /// The engine, warm.
  @State(Scope.Benchmark)
  public static class Engine {
    final EngineWork work = EngineWork.fused();

    /// Ends its threads.
    @TearDown
    public void close() {
      work.close();
    }
  }

  /// The actor system, warm.
  @State(Scope.Benchmark)
  public static class Pekko {
    final PekkoStream stream = new PekkoStream();

    /// Ends its threads.
    @TearDown
    public void close() {
      stream.close();
    }
  }

  /// The flux, assembled.
  @State(Scope.Thread)
  public static class Reactor {
    final ReactorFlux flux = new ReactorFlux();
  }

  /// The loop.
  @State(Scope.Thread)
  public static class Plain {
    final PlainLoop loop = new PlainLoop();
  }

  /// The ceiling: three virtual calls per frame.
  @Benchmark
  public long plainLoop(Plain plain) {
    return Work.checked(plain.loop.run());
  }

  /// The engine's fused chain.
  @Benchmark
  public long engineChain(Engine engine) throws ProblemException, InterruptedException {
    return Work.checked(engine.work.run());
  }

  /// A fused stream of Pekko.
  @Benchmark
  public long pekkoStream(Pekko pekko) {
    return Work.checked(pekko.stream.run());
  }

  /// A fused flux of Reactor.
  @Benchmark
  public long reactorFlux(Reactor reactor) {
    return Work.checked(reactor.flux.run());
  }
}
