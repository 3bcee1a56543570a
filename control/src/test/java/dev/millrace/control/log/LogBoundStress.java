package dev.millrace.control.log;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.slf4j.event.Level;

/// Two loggers and room for one record: can more get in than fit, or none? Results: accepted, in
/// the queue, places that stay taken when it has been emptied.
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "One got in.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, none, or a place is gone for ever.")
@State
public class LogBoundStress {
  private final LogQueue queue = new LogQueue(1, 2);
  private boolean firstGotIn;
  private boolean secondGotIn;

  @Actor
  public void first() {
    firstGotIn = offer("first");
  }

  @Actor
  public void second() {
    secondGotIn = offer("second, of another length");
  }

  @Arbiter
  public void after(III_Result result) {
    result.r1 = (firstGotIn ? 1 : 0) + (secondGotIn ? 1 : 0);
    for (var record = queue.take(); record != null; record = queue.take()) {
      result.r2++;
      queue.release(1, record.weight());
    }
    result.r3 = queue.waiting();
  }

  private boolean offer(String text) {
    return queue.admits(Level.ERROR) && queue.offer(Records.of(Level.ERROR, text));
  }
}
