package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// The last reader lets a chunk go while a write of it ends. Results: bytes still taken, references
/// to its memory.
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Given back once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Never, or twice.")
@State
public class ChunkHoldStress {
  private final MemoryBudget budget = new MemoryBudget(0);
  private final Chunk chunk = StressChunks.open(budget, 0).hold();

  @Actor
  public void reader() {
    chunk.release();
  }

  @Actor
  public void write() {
    chunk.unhold();
  }

  @Arbiter
  public void end(II_Result result) {
    result.r1 = (int) budget.used();
    result.r2 = chunk.data().refCnt();
  }
}
