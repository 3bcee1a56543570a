package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A session that must have everything, or come back for it.
class NoSkippingTest {
  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final Metrics metrics = new Metrics();
  private final Hub hub =
      new Hub(HubSpecs.with("jam_messages=3"), loops.all(), new FakeClock(), metrics);

  /// As the other transports, but for what it lets the hub leave out.
  private record Strict(FakeClient client) implements SessionTransport {
    @Override
    public void write(ByteBuf frames) {
      client.write(frames);
    }

    @Override
    public boolean flush() {
      return client.flush();
    }

    @Override
    public boolean maySkip() {
      return false;
    }

    @Override
    public void close(int code, String reason) {
      client.close(code, reason);
    }
  }

  @Test
  void aSessionThatMayNotSkipIsClosedInstead() {
    var received = new ArrayList<String>();
    var client = new FakeClient(received::add);
    var loop = loops.loop(0);
    client.attach(loop.in(() -> hub.open(loop, new PlainForm("plain"), new Strict(client))));
    loop.in(() -> client.session().subscribe(List.of("news"), outcomes -> {}));
    loops.run();
    client.stopReading();
    for (int i = 0; i < 4; i++) {
      hub.publish("news", List.of(message(i)));
      loops.run();
      assertThat(client.closeCode()).isZero(); // one in flight, three behind
    }
    hub.publish("news", List.of(message(4)));
    loops.run();
    assertThat(client.closeCode()).isEqualTo(4503);
    assertThat(client.closeReason()).contains("4 messages behind, at most 3");
    assertThat(metrics.count(HubMetric.LEFT_OUT, "normal")).isZero();
    assertThat(metrics.count(HubMetric.CLOSED, "lag")).isEqualTo(1);
    loops.run();
    assertThat(hub.stats().memoryBytes()).isZero();
  }

  private static Message message(int number) {
    return Message.of("t", String.valueOf(number).getBytes(StandardCharsets.UTF_8), false, 0);
  }
}
