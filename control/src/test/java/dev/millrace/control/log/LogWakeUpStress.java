package dev.millrace.control.log;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.slf4j.event.Level;

/// Can the writer rest while a record waits, and nobody wakes it? The record is one for which the
/// queue begins a new chunk, which is the hardest to see. Results: rests with a record in the
/// queue, is woken.
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "A record waits until the next one comes.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Rested, then woken.")
@Outcome(id = "0, [01]", expect = Expect.ACCEPTABLE, desc = "Saw the record in time.")
@State
public class LogWakeUpStress {
  private static final int CHUNK = 2;

  private final LogQueue queue = new LogQueue(16, CHUNK);
  private final Rest rest = new Rest();
  private boolean rested;
  private boolean woken;

  public LogWakeUpStress() {
    for (int i = 0; i < CHUNK; i++) {
      queue.offer(Records.of(Level.ERROR, "before"));
    }
  }

  @Actor
  public void logger() {
    queue.offer(Records.of(Level.ERROR, "the one"));
    woken = rest.mustWake();
  }

  @Actor
  public void writer() {
    while (queue.take() != null) {}
    rest.begin();
    rested = queue.isEmpty();
  }

  @Arbiter
  public void after(II_Result result) {
    result.r1 = rested && queue.take() != null ? 1 : 0;
    result.r2 = woken ? 1 : 0;
  }
}
