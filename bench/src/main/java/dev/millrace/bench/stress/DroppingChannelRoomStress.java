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
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Can a producer park on a full edge with a timeout and miss the room that comes back? Results:
/// the producer parked, how often it was woken.
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Parked until the timeout.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Parked, then woken.")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Saw the room in time.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Woken without having parked, or twice.")
@State
public class DroppingChannelRoomStress {
  private static final EdgeSpec SPEC = new EdgeSpec(1, Overflow.BLOCK, Duration.ofSeconds(1));
  private static final CounterDataPoint DROPS =
      new Metrics().counter(EngineMetric.EDGE_DROPPED_FRAMES, "p", "a", "b", "timeout");

  private final AtomicInteger wakes = new AtomicInteger();
  private final DroppingChannel channel =
      new DroppingChannel(SPEC, new FakeClock(), wakes::incrementAndGet, () -> {}, DROPS);

  public DroppingChannelRoomStress() {
    channel.send(new Batch(new Frame[] {Frame.trigger(0, 1)}, 1, null, 0, -1));
  }

  @Actor
  public void producer(II_Result result) {
    result.r1 = channel.parkProducer() ? 1 : 0;
  }

  @Actor
  public void consumer() {
    if (channel.poll() != null) {
      channel.release(1, 1);
    }
  }

  @Arbiter
  public void woken(II_Result result) {
    result.r2 = wakes.get();
  }
}
