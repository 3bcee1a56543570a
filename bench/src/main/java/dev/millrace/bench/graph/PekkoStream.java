package dev.millrace.bench.graph;

import com.typesafe.config.ConfigFactory;
import dev.millrace.core.frame.Frame;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.javadsl.Source;

/// Three stages as a stream of Pekko, fused as it fuses them by default.
final class PekkoStream implements AutoCloseable {
  private final ActorSystem system =
      ActorSystem.create(
          "bench",
          ConfigFactory.parseString("pekko.loglevel = WARNING").withFallback(ConfigFactory.load()));
  private final Source<Frame, NotUsed> source = Source.fromIterator(PekkoStream::frames);

  /// Runs a stream to its end and returns its sum.
  long run() {
    return source.map(Work::change).runFold(0L, Work::reduce, system).toCompletableFuture().join();
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }

  private static Iterator<Frame> frames() {
    return IntStream.range(0, Work.FRAMES).mapToObj(Work::make).iterator();
  }
}
