package dev.millrace.control.log;

import dev.millrace.core.time.FakeClock;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.slf4j.event.Level;

/// Two loggers and a limit of one record a second: is every record either read or counted?
/// Results: read, counted as suppressed.
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "One and one.")
@Outcome(expect = Expect.FORBIDDEN, desc = "One got lost, or over the limit.")
@State
public class TailRingStress {
  private static final Redactor BARE = Redactor.of(List.of());

  private final TailRing ring =
      new TailRing(Level.TRACE, "", 1, () -> BARE, new FakeClock(), closed -> {});

  @Actor
  public void first() {
    ring.offer(Records.of(Level.ERROR, "first"));
  }

  @Actor
  public void second() {
    ring.offer(Records.of(Level.ERROR, "second"));
  }

  @Arbiter
  public void after(II_Result result) {
    result.r1 = ring.take().size();
    result.r2 = (int) ring.suppressed();
  }
}
