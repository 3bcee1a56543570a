package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TurnTest {
  private final HubFixture fixture = new HubFixture(1);
  private final List<String> calls = new ArrayList<>();
  private final List<Writing> writing = new ArrayList<>();

  /// A peer that takes everything, and writes down in which order it is given it.
  private final class Writing implements SessionTransport {
    private final String name;
    private final Session session;

    Writing(String name, String... topics) {
      this.name = name;
      var loop = fixture.loops.loop(0);
      session = loop.in(() -> fixture.hub.open(loop, fixture.form, this));
      loop.in(() -> session.subscribe(List.of(topics), outcomes -> {}));
      fixture.loops.run();
      calls.clear();
      writing.add(this);
    }

    @Override
    public void write(ByteBuf frames) {
      calls.add(name + " written");
      frames.release();
    }

    @Override
    public boolean flush() {
      calls.add(name + " flushed");
      return true;
    }

    @Override
    public void close(int code, String reason) {
      session.close();
    }
  }

  @AfterEach
  void everythingIsGivenBack() {
    writing.forEach(peer -> fixture.loops.loop(0).in(peer.session::close));
    fixture.close();
  }

  @Test
  void membersAreFlushedOneByOneWhereOneTopicHasSomething() {
    var _ = new Writing("one", "a");
    var _ = new Writing("two", "a", "b");
    fixture.publish("a", "x");
    assertThat(calls).containsExactly("two written", "two flushed", "one written", "one flushed");
  }

  @Test
  void whatSeveralTopicsHaveForASessionIsFlushedOnce() {
    var _ = new Writing("one", "a");
    var _ = new Writing("two", "a", "b");
    fixture.publish("a", Priority.NORMAL, "x");
    fixture.publish("b", Priority.NORMAL, "y");
    fixture.loops.run();
    assertThat(calls).hasSize(5).containsOnlyOnce("one flushed", "two flushed");
    assertThat(calls.subList(3, 5)).containsExactlyInAnyOrder("one flushed", "two flushed");
  }

  @Test
  void aTurnThatLeavesNothingAsksForNoOther() {
    var client = fixture.client().subscribe("a");
    fixture.publish("a", Priority.NORMAL, "x");
    var loop = fixture.loops.loop(0);
    assertThat(loop.runOne()).isTrue();
    assertThat(client.received).containsExactly("x");
    assertThat(loop.waiting()).isZero();
  }

  @Test
  void aLargeTurnIsOneWriteAlsoWhileSomebodyLags() {
    var jammed = fixture.client().subscribe("a");
    jammed.transport.stopReading();
    fixture.publish("a", "jams", "lags");
    var _ = new Writing("other", "a");
    for (int turn = 1; turn <= 10; turn++) {
      var large = "x".repeat(16_000 + 300 * turn);
      fixture.publish("a", large);
      assertThat(calls).as("turn %d", turn).containsExactly("other written", "other flushed");
      calls.clear();
    }
    jammed.readOn();
  }
}
