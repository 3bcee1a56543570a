package dev.millrace.hub;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.util.List;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// A topic's first message and another loop's first pattern at the same time. Results: the pattern
/// knows the topic, times it was told of it.
@JCStressTest
@Outcome(id = "1, [01]", expect = Expect.ACCEPTABLE, desc = "One of the two has seen the other.")
@Outcome(id = "0, .*", expect = Expect.FORBIDDEN, desc = "They have missed one another.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Told twice.")
@State
public class PatternStress {
  private static final HubSpec SPEC = HubSpecs.with("inbox_messages=16", "max_connections=16");
  private static final WireForm FORM = new PlainForm("plain");

  private final List<QueuedLoop> loops = List.of(new QueuedLoop(), new QueuedLoop());
  private final Hub hub = new Hub(SPEC, loops, new FakeClock(), new Metrics());
  private final Topic topic;
  private final HubShard shard; // the one that does not own the topic
  private final PatternWish wish;

  public PatternStress() {
    var owner = hub.ownerOf("a");
    topic = Objects.requireNonNull(owner.topics().resolve("a", 0));
    char other = 'b';
    while (hub.ownerOf(String.valueOf(other)) == owner) {
      other++;
    }
    shard = hub.ownerOf(String.valueOf(other));
    var session = shard.open("plain", FORM, new FakeClient(text -> {}));
    wish = new PatternWish(session, Wanted.all("?"), new SubscribeBatch(1, outcomes -> {}), 0);
  }

  @Actor
  public void publisher() {
    loops.get(1 - shard.number()).enter();
    hub.news().announce(topic);
  }

  @Actor
  public void subscriber() {
    loops.get(shard.number()).enter();
    shard.patterns().add(wish);
  }

  @Arbiter
  public void end(II_Result result) {
    var loop = loops.get(shard.number());
    loop.enter();
    result.r2 = loop.waiting(); // what runs may ask for more
    loop.runAll();
    result.r1 = shard.patterns().matches(wish).size();
  }
}
