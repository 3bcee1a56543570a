package dev.millrace.bench.stress;

import dev.millrace.engine.schedule.TurnState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Can a task go idle while a waker believes it will run? One adds work and wakes, the other begins
/// a turn, looks for work and parks. Results: work seen, parked, waker must queue.
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.FORBIDDEN, desc = "A lost wake-up.")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "The work was seen.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Seen, and queued once more.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Queued for the next turn.")
@Outcome(id = "[01], 0, 0", expect = Expect.ACCEPTABLE, desc = "The turn is repeated.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Queued twice, or no state at all.")
@State
public class TurnStateStress {
  private final TurnState turn = new TurnState();
  private int work; // plain on purpose: the protocol itself must make it visible

  public TurnStateStress() {
    turn.requeue();
  }

  @Actor
  public void waker(III_Result result) {
    work = 1;
    result.r3 = turn.wake() ? 1 : 0;
  }

  @Actor
  public void task(III_Result result) {
    turn.begin();
    result.r1 = work;
    result.r2 = turn.park() ? 1 : 0;
  }
}
