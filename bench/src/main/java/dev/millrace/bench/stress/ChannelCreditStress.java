package dev.millrace.bench.stress;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.flow.Batch;
import dev.millrace.engine.flow.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Can a producer park on a full channel and miss the credit that comes back? Results: the producer
/// parked, how often it was woken.
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Parked for ever.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Parked, then woken.")
@Outcome(id = "0, [01]", expect = Expect.ACCEPTABLE, desc = "Saw the credit in time.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Woken twice for one credit.")
@State
public class ChannelCreditStress {
  private final AtomicInteger wakes = new AtomicInteger();
  private final Channel channel = new Channel(1, wakes::incrementAndGet, () -> {});

  public ChannelCreditStress() {
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
