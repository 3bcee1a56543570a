package dev.millrace.hub;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A publication comes while the loop begins a turn. Results: the turn took it, another turn was
/// asked for, messages that are counted as waiting.
@JCStressTest
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "For the next turn.")
@Outcome(id = "1, [01], 0", expect = Expect.ACCEPTABLE, desc = "Taken.")
@Outcome(id = "0, 0, .*", expect = Expect.FORBIDDEN, desc = "It lies there for ever.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Counted wrong.")
@State
public class InboxTurnStress {
  private static final Message MESSAGE = Message.of("t", new byte[1], false, 0);
  private static final Publication TWO = new Publication("topic", List.of(MESSAGE, MESSAGE), null);

  private final Inbox inbox = new Inbox(8, 1_000, 2);
  private final Due turn = new Due();

  public InboxTurnStress() {
    turn.request();
  }

  @Actor
  public void publisher(III_Result result) {
    inbox.offer(TWO);
    result.r2 = turn.request() ? 1 : 0;
  }

  @Actor
  public void loop(III_Result result) {
    turn.begins();
    var taken = inbox.poll();
    if (taken != null) {
      inbox.done(taken);
      result.r1 = 1;
    }
  }

  @Arbiter
  public void end(III_Result result) {
    result.r3 = inbox.messages();
  }
}
