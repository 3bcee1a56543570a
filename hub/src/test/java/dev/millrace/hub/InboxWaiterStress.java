package dev.millrace.hub;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Somebody finds the inbox full and waits for room while a turn empties it. Results: taken, told
/// that there is room, another turn was asked for.
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "There was room.")
@Outcome(id = "0, 1, [01]", expect = Expect.ACCEPTABLE, desc = "Told.")
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "Will be told by the next turn.")
@Outcome(id = "0, 0, 0", expect = Expect.FORBIDDEN, desc = "Waits for ever.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Told twice, or for nothing.")
@State
public class InboxWaiterStress {
  private static final Message MESSAGE = Message.of("t", new byte[1], false, 0);
  private static final Publication TWO = new Publication("topic", List.of(MESSAGE, MESSAGE), null);

  private final Inbox inbox = new Inbox(2, 1_000, 2);
  private final Due turn = new Due();
  private int told;

  public InboxWaiterStress() {
    inbox.offer(TWO);
    turn.request();
  }

  @Actor
  public void publisher(III_Result result) {
    if (inbox.offer(TWO)) {
      result.r1 = 1;
    } else {
      inbox.await(() -> told++);
      result.r3 = turn.request() ? 1 : 0;
    }
  }

  @Actor
  public void loop() {
    turn.begins();
    var taken = inbox.poll();
    if (taken != null) {
      inbox.done(taken);
    }
    inbox.tellWaiters();
  }

  @Arbiter
  public void end(III_Result result) {
    result.r2 = told;
  }
}
