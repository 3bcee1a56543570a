package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/// Two who hold a chunk, and through it its successor, let go. Result: bytes still taken.
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "Each was given back once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Never, or twice.")
@State
public class ChunkReleaseStress {
  private final MemoryBudget budget = new MemoryBudget(0);
  private final Chunk chunk = StressChunks.open(budget, 0).retain();

  public ChunkReleaseStress() {
    var successor = StressChunks.open(budget, 0);
    chunk.link(successor);
    successor.release();
  }

  @Actor
  public void one() {
    chunk.release();
  }

  @Actor
  public void other() {
    chunk.release();
  }

  @Arbiter
  public void end(I_Result result) {
    result.r1 = (int) budget.used();
  }
}
