package dev.millrace.connect.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.hub.Message;
import dev.millrace.hub.Publication;
import dev.millrace.hub.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A broker's loop between a Redis and a hub that are not real, which runs when it is told to.
class BrokerLoopFixture {
  final FakeClock clock = new FakeClock();
  final Metrics metrics = new Metrics();
  final FakeRedis redis = new FakeRedis();
  final FakeHub hub = new FakeHub();
  final BrokerLoop loop;

  BrokerLoopFixture(ClusterSpec.Mode mode) {
    loop =
        new BrokerLoop(
            new BrokerLoop.Setting(
                Specs.of(mode, "redis://localhost"),
                redis.dialer(),
                new EnvelopeCodec(BusCodec.RawEvents.WHOLE),
                hub,
                new PresenceBus("me", Duration.ofSeconds(15), clock.nanoTime(), metrics),
                new RedisShelf("me", Specs.of(mode, "redis://h"), 0, () -> {}, metrics)),
            () -> {},
            clock,
            metrics);
  }

  final void follow(String topic) {
    var heard = loop.follow(topic);
    run();
    assertThat(heard).isCompleted();
  }

  final void append(String number, boolean heard) {
    redis.appendFromElsewhere(
        "a",
        number,
        "{\"t\":\"event\",\"id\":\"" + number + "\",\"p\":{\"n\":" + number + "}}",
        heard);
  }

  final List<String> published(String channel) {
    return redis.published.stream().filter(one -> one.startsWith(channel + ' ')).toList();
  }

  final void publish(String topic, Message... messages) {
    assertThat(loop.offer(new Publication(topic, List.of(messages), null), false)).isTrue();
  }

  final CompletableFuture<Receipt> publishAndAwait(String topic, Message... messages) {
    var receipt = new CompletableFuture<Receipt>();
    assertThat(loop.offer(new Publication(topic, List.of(messages), receipt), false)).isTrue();
    return receipt;
  }

  final void run() {
    turns(2_000);
  }

  final void turns(int most) {
    int idle = 0;
    for (int i = 0; i < most && idle < 3; i++) {
      idle = loop.turn(clock.nanoTime()) ? 0 : idle + 1;
    }
  }
}
