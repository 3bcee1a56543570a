package dev.millrace.bench.stress;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.flow.Batch;
import dev.millrace.engine.flow.Channel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Can a consumer take a channel for exhausted while its last batch is still in it? Results:
/// exhausted, and a batch was there all the same.
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.FORBIDDEN, desc = "The last batch would be lost.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Exhausted before the batch was taken.")
@Outcome(id = "0, [01]", expect = Expect.ACCEPTABLE, desc = "Not exhausted.")
@State
public class ChannelEndStress {
  private final Channel channel = new Channel(4, () -> {}, () -> {});

  @Actor
  public void producer() {
    channel.send(new Batch(new Frame[] {Frame.trigger(0, 1)}, 1, null, 0, -1));
    channel.end();
  }

  @Actor
  public void consumer(II_Result result) {
    result.r1 = channel.exhausted() ? 1 : 0;
    result.r2 = channel.poll() != null ? 1 : 0;
  }
}
