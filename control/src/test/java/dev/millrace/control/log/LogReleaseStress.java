package dev.millrace.control.log;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.slf4j.event.Level;

/// A logger and the writer, who gives the only place back: can a record get lost, or a place?
/// Results: accepted, what was written of it and what is left of it, places that stay taken.
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Came too early.")
@Outcome(id = "1, 2, 0", expect = Expect.ACCEPTABLE, desc = "Got the place that was given back.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A record or a place is lost.")
@State
public class LogReleaseStress {
  private final LogQueue queue = new LogQueue(1, 2);
  private boolean gotIn;
  private int written;

  public LogReleaseStress() {
    queue.offer(Records.of(Level.ERROR, "the first"));
  }

  @Actor
  public void logger() {
    gotIn = queue.admits(Level.ERROR) && queue.offer(Records.of(Level.ERROR, "the next"));
  }

  @Actor
  public void writer() {
    written = drain();
  }

  @Arbiter
  public void after(III_Result result) {
    result.r1 = gotIn ? 1 : 0;
    result.r2 = written + drain();
    result.r3 = queue.waiting();
  }

  private int drain() {
    int records = 0;
    for (var record = queue.take(); record != null; record = queue.take()) {
      records++;
      queue.release(1, record.weight());
    }
    return records;
  }
}
