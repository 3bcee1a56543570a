package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A reader moves on to the next chunk while the lane ends the first and lets it go. Results: it
/// moved, chunks in memory then, and after all have let go.
@JCStressTest
@Outcome(id = "0, 2, 0", expect = Expect.ACCEPTABLE, desc = "It keeps both.")
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "It keeps the second.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Memory was lost, or given back too early.")
@State
public class ChunkWalkStress {
  private final MemoryBudget budget = new MemoryBudget(0);
  private final Chunk first = StressChunks.open(budget, 0).retain();
  private final Chunk second = StressChunks.open(budget, 0);
  private Chunk held = first;

  @Actor
  public void lane() {
    first.link(second);
    first.release();
  }

  @Actor
  public void reader() {
    var next = first.next();
    if (next != null) {
      held = next.retain();
      first.release();
    }
  }

  @Arbiter
  public void end(III_Result result) {
    result.r1 = held == second ? 1 : 0;
    result.r2 = (int) budget.used() / StressChunks.CAPACITY;
    held.release();
    second.release(); // the lane's
    result.r3 = (int) budget.used();
  }
}
