package dev.millrace.bench.stress;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.flow.Batch;
import dev.millrace.engine.flow.DroppingChannel;
import dev.millrace.engine.flow.EdgeSpec;
import dev.millrace.engine.flow.Overflow;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Can a frame that makes room be handled as well, or neither handled nor counted? A full channel
/// for one frame gets another while the consumer polls. Results: the frame polled, the one left,
/// how many were dropped.
@JCStressTest
@Outcome(id = "1, 2, 0", expect = Expect.ACCEPTABLE, desc = "Polled before it had to make room.")
@Outcome(id = "2, 0, 1", expect = Expect.ACCEPTABLE, desc = "The first made room.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A frame lost, doubled or miscounted.")
@State
public class DroppingChannelStress {
  private static final EdgeSpec SPEC = new EdgeSpec(1, Overflow.DROP_OLDEST, Duration.ZERO);
  private static final CounterDataPoint DROPS =
      new Metrics().counter(EngineMetric.EDGE_DROPPED_FRAMES, "p", "a", "b", "drop_oldest");

  private final DroppingChannel channel =
      new DroppingChannel(SPEC, new FakeClock(), () -> {}, () -> {}, DROPS);

  public DroppingChannelStress() {
    channel.send(batch(1));
  }

  @Actor
  public void producer() {
    channel.send(batch(2));
  }

  @Actor
  public void consumer(III_Result result) {
    result.r1 = polled();
  }

  @Arbiter
  public void rest(III_Result result) {
    result.r2 = polled();
    result.r3 = (int) channel.droppedFrames();
  }

  private int polled() {
    var batch = channel.poll();
    return batch == null ? 0 : (int) batch.frames()[0].sequence();
  }

  private static Batch batch(int sequence) {
    return new Batch(new Frame[] {Frame.trigger(0, sequence)}, 1, null, 0, -1);
  }
}
