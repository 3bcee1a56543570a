package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/// Two loops take and give back at the same time. Result: bytes taken in the end.
@JCStressTest
@Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "As in any order.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Some were counted wrong.")
@State
public class BudgetStress {
  private final MemoryBudget budget = new MemoryBudget(0);

  @Actor
  public void one() {
    budget.take(5);
    budget.giveBack(4);
  }

  @Actor
  public void other() {
    budget.take(7);
    budget.giveBack(5);
  }

  @Arbiter
  public void end(I_Result result) {
    result.r1 = (int) budget.used();
  }
}
