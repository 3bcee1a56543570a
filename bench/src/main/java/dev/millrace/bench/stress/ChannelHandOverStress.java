package dev.millrace.bench.stress;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.flow.Batch;
import dev.millrace.engine.flow.Channel;
import dev.millrace.engine.schedule.TurnState;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Can a batch lie in a channel while its consumer sleeps? The producer sends one, the consumer
/// takes its turn. Results: batch seen, parked, times queued by the producer.
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.FORBIDDEN, desc = "The batch lies there for ever.")
@Outcome(id = "1, 1, [01]", expect = Expect.ACCEPTABLE, desc = "The batch was seen.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Queued for the next turn.")
@Outcome(id = "[01], 0, 0", expect = Expect.ACCEPTABLE, desc = "The turn is repeated.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Queued twice.")
@State
public class ChannelHandOverStress {
  private final TurnState turn = new TurnState();
  private final AtomicInteger queued = new AtomicInteger();
  private final Channel channel = new Channel(4, () -> {}, this::wakeConsumer);

  public ChannelHandOverStress() {
    turn.requeue();
  }

  private void wakeConsumer() {
    if (turn.wake()) {
      queued.incrementAndGet();
    }
  }

  @Actor
  public void producer() {
    channel.send(new Batch(new Frame[] {Frame.trigger(0, 1)}, 1, null, 0, -1));
  }

  @Actor
  public void consumer(III_Result result) {
    turn.begin();
    result.r1 = channel.poll() != null ? 1 : 0;
    result.r2 = turn.park() ? 1 : 0;
  }

  @Arbiter
  public void queued(III_Result result) {
    result.r3 = queued.get();
  }
}
