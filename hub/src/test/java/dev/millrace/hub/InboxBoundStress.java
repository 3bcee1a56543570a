package dev.millrace.hub;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Two publish and there is room for one of them. Results: who was taken, messages that wait.
@JCStressTest
@Outcome(
    id = {"1, 0, 2", "0, 1, 2"},
    expect = Expect.ACCEPTABLE,
    desc = "One of them.")
@Outcome(
    id = "0, 0, 0",
    expect = Expect.ACCEPTABLE_INTERESTING,
    desc = "Each saw the other's bytes; both are told when there is room.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, or counted wrong.")
@State
public class InboxBoundStress {
  private static final Message MESSAGE = Message.of("t", new byte[1], false, 0);
  private static final Publication TWO = new Publication("topic", List.of(MESSAGE, MESSAGE), null);

  private final Inbox inbox = new Inbox(2, TWO.waitingBytes(), 2);

  @Actor
  public void one(III_Result result) {
    result.r1 = inbox.offer(TWO) ? 1 : 0;
  }

  @Actor
  public void other(III_Result result) {
    result.r2 = inbox.offer(TWO) ? 1 : 0;
  }

  @Arbiter
  public void end(III_Result result) {
    result.r3 = inbox.messages();
  }
}
