package dev.millrace.hub;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// The topic's loop publishes while another serves the second of two rows. Results: messages that
/// came, and bytes that nobody gave back when everybody is served.
@JCStressTest
@Outcome(id = "4, 0", expect = Expect.ACCEPTABLE, desc = "Everybody has everything.")
@Outcome(id = "4, .*", expect = Expect.FORBIDDEN, desc = "The last chunk is kept for nobody.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Something is lost or doubled.")
@State
public class RowStress {
  private static final HubSpec SPEC =
      HubSpecs.with("write_sessions=1", "inbox_messages=16", "max_connections=16");
  private static final WireForm FORM = new PlainForm("plain");

  private final List<QueuedLoop> loops = List.of(new QueuedLoop(), new QueuedLoop());
  private final Hub hub = new Hub(SPEC, loops, new FakeClock(), new Metrics());
  private final QueuedLoop owner;
  private final QueuedLoop readers;
  private int received; // by the readers' loop

  public RowStress() {
    int number = hub.ownerOf("a").number();
    owner = loops.get(number);
    readers = loops.get(1 - number);
    for (int i = 0; i < 2; i++) {
      var client = new FakeClient(text -> received++);
      readers.enter();
      var session = hub.open(readers, FORM, client);
      client.attach(session);
      session.subscribe(List.of("a"), outcomes -> {});
      readers.leave();
      runAll();
    }
    publish();
    readers.enter();
    readers.runOne(); // hears of it
    readers.runOne(); // serves the first row
    readers.leave();
  }

  @Actor
  public void publisher() {
    publish();
  }

  @Actor
  public void server() {
    readers.enter();
    readers.runAll();
    readers.leave();
  }

  @Arbiter
  public void end(II_Result result) {
    runAll();
    result.r1 = received;
    result.r2 = (int) hub.stats().memoryBytes();
  }

  private void publish() {
    var text = "x".getBytes(StandardCharsets.UTF_8);
    owner.enter();
    hub.publish("a", List.of(Message.of("t", text, false, 0)));
    owner.runAll();
    owner.leave();
  }

  private void runAll() {
    boolean worked = true;
    while (worked) {
      owner.enter();
      worked = owner.runAll();
      owner.leave();
      readers.enter();
      worked |= readers.runAll();
      readers.leave();
    }
  }
}
