package dev.millrace.control.noc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.time.FakeClock;
import dev.millrace.net.Loop;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutgoingTest {
  private static final NocSpec LIMITS = new NocSpec(16, new ByteSize(65_536), 32);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final WebSocketConnection connection =
      WebSocketConnection.open(
          channel,
          Loop.over(channel.eventLoop(), new FakeClock(), new Metrics()),
          new Upgrade.Accept(
              opened -> (text, payload) -> {},
              new WebSocketLimits(1_024, Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO)));

  private byte[] sent() {
    var all = new java.io.ByteArrayOutputStream();
    for (ByteBuf one = channel.readOutbound(); one != null; one = channel.readOutbound()) {
      var bytes = new byte[one.readableBytes()];
      one.readBytes(bytes).release();
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  @Test
  void aRandomWalkKeepsTheLimitsAndTheOrder() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var outgoing = new Outgoing(connection);
    var model = new ArrayDeque<byte[]>();
    for (int step = 0; step < 20_000; step++) {
      var where = "seed " + seed + " step " + step;
      switch (random.nextInt(20)) {
        case 0 -> {
          assertThat(outgoing.write()).as(where).isFalse();
          var expected = new java.io.ByteArrayOutputStream();
          model.forEach(expected::writeBytes);
          model.clear();
          assertThat(sent()).as(where).isEqualTo(expected.toByteArray());
        }
        case 1 -> {
          if (random.nextInt(10) == 0) {
            outgoing.clear();
            model.clear();
          }
        }
        default -> {
          var frame = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 80_000 : 3_000)];
          random.nextBytes(frame);
          long waiting = model.stream().mapToLong(one -> one.length).sum();
          boolean room = model.isEmpty() || (model.size() < 16 && waiting + frame.length <= 65_536);
          assertThat(outgoing.offer(frame, LIMITS)).as(where).isEqualTo(room);
          if (room) {
            model.add(frame);
          }
        }
      }
      assertThat(outgoing.messages()).as(where).isEqualTo(model.size());
      assertThat(outgoing.bytes())
          .as(where)
          .isEqualTo(model.stream().mapToLong(one -> one.length).sum());
    }
    channel.finishAndReleaseAll();
  }

  @Test
  void aTurnIsBoundedAndSaysThatThereIsMore() {
    var outgoing = new Outgoing(connection);
    var wide = new NocSpec(1_000, new ByteSize(1 << 30), 32);
    for (int i = 0; i < 100; i++) {
      assertThat(outgoing.offer(new byte[10_000], wide)).isTrue();
    }
    assertThat(outgoing.write()).isTrue();
    assertThat(outgoing.messages()).isBetween(80, 99);
    assertThat(outgoing.bytes()).isEqualTo(10_000L * outgoing.messages());
    channel.finishAndReleaseAll();
  }
}
