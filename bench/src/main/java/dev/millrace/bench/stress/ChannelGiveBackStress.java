package dev.millrace.bench.stress;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.frame.Samples;
import dev.millrace.engine.flow.Batch;
import dev.millrace.engine.flow.Channel;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/// Can a lent array stay behind in a channel whose consumer ends while a batch is sent? Result:
/// arrays that did not come back.
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "It came back.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It stayed in the channel, or came back twice.")
@State
public class ChannelGiveBackStress {
  private final SamplePool pool = new SamplePool(1, true);
  private final Channel channel = new Channel(4, () -> {}, () -> {});
  private final Batch batch;

  public ChannelGiveBackStress() {
    var samples = Samples.of("x", pool.take(1));
    samples.retain();
    var frame = new Frame(0, 1, samples, Metadata.NONE);
    batch = new Batch(new Frame[] {frame}, 1, null, 0, -1, true);
  }

  @Actor
  public void producer() {
    channel.send(batch);
  }

  @Actor
  public void consumer() {
    channel.close();
  }

  @Arbiter
  public void left(I_Result result) {
    result.r1 = (int) pool.inUse();
  }
}
