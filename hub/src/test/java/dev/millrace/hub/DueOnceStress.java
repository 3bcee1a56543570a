package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Two ask for a task that is not due. Results: who has to hand it over.
@JCStressTest
@Outcome(
    id = {"1, 0", "0, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "One of them.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or none.")
@State
public class DueOnceStress {
  private final Due due = new Due();

  @Actor
  public void one(II_Result result) {
    result.r1 = due.request() ? 1 : 0;
  }

  @Actor
  public void other(II_Result result) {
    result.r2 = due.request() ? 1 : 0;
  }
}
