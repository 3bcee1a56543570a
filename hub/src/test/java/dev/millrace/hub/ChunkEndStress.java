package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A chunk gets its last frame and a successor while a reader asks whether it has ended. Results:
/// the successor is seen, frames, frames that are not as they were written.
@JCStressTest
@Outcome(id = "0, [012], 0", expect = Expect.ACCEPTABLE, desc = "There may be more.")
@Outcome(id = "1, 2, 0", expect = Expect.ACCEPTABLE, desc = "Ended, with all it has.")
@Outcome(id = "1, [01], .*", expect = Expect.FORBIDDEN, desc = "A frame is passed by.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A frame that was published is not there.")
@State
public class ChunkEndStress {
  private final MemoryBudget budget = new MemoryBudget(0);
  private final Chunk chunk = StressChunks.open(budget, 0);
  private final Chunk successor = StressChunks.open(budget, 2);
  private final Stamp stamp = new Stamp();

  @Actor
  public void writer() {
    StressChunks.append(chunk, stamp, 1);
    chunk.publish();
    StressChunks.append(chunk, stamp, 2);
    chunk.link(successor);
  }

  @Actor
  public void reader(III_Result result) {
    result.r1 = chunk.next() == null ? 0 : 1;
    int frames = Chunk.frames(chunk.published());
    result.r2 = frames;
    for (int frame = 0; frame < frames; frame++) {
      result.r3 += StressChunks.isThere(chunk, frame, frame + 1) ? 0 : 1;
    }
  }

  @Arbiter
  public void end(III_Result result) {
    successor.release();
    chunk.release();
  }
}
