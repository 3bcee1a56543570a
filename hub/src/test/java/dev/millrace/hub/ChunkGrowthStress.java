package dev.millrace.hub;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// A reader looks at frames while more are appended than the index had room for. Results: frames it
/// sees, frames of them that are not as they were written.
@JCStressTest
@Outcome(id = "8, 0", expect = Expect.ACCEPTABLE, desc = "What was published before.")
@Outcome(id = "10, 0", expect = Expect.ACCEPTABLE, desc = "Everything.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A frame that was published is not there.")
@State
public class ChunkGrowthStress {
  private final Chunk chunk = StressChunks.open(new MemoryBudget(0), 0);
  private final Stamp stamp = new Stamp();

  public ChunkGrowthStress() {
    append(1, 8);
  }

  private void append(int from, int to) {
    for (int offset = from; offset <= to; offset++) {
      StressChunks.append(chunk, stamp, offset);
    }
    chunk.publish();
  }

  @Actor
  public void writer() {
    append(9, 10);
  }

  @Actor
  public void reader(II_Result result) {
    int frames = Chunk.frames(chunk.published());
    int wrong = 0;
    for (int frame = 0; frame < frames; frame++) {
      wrong += StressChunks.isThere(chunk, frame, frame + 1) ? 0 : 1;
    }
    result.r1 = frames;
    result.r2 = wrong;
  }

  @Arbiter
  public void end(II_Result result) {
    chunk.release();
  }
}
