package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Can work be left lying with no task due for it? One adds work and asks, the other is a task that
/// begins and looks. Results: work seen, another task handed over.
@JCStressTest
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "For the next task.")
@Outcome(id = "1, [01]", expect = Expect.ACCEPTABLE, desc = "The work was seen.")
@Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "It lies there for ever.")
@State
public class DueStress {
  private final Due due = new Due();
  private int work; // plain on purpose: the protocol itself must make it visible

  public DueStress() {
    due.request();
  }

  @Actor
  public void asks(II_Result result) {
    work = 1;
    result.r2 = due.request() ? 1 : 0;
  }

  @Actor
  public void task(II_Result result) {
    due.begins();
    result.r1 = work;
  }
}
