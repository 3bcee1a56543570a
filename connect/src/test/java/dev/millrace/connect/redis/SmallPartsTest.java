package dev.millrace.connect.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.SecretFiles;
import dev.millrace.core.time.FakeClock;
import dev.millrace.hub.Publication;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmallPartsTest {
  private static final Duration EXPIRY = Duration.ofSeconds(15);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();

  @Test
  void anAddressThatIsNoneIsRefusedWithoutShowingIt() {
    for (var url : List.of("http://:secret@host", "redis:/:secret@", "redis://a b:secret@c")) {
      assertThatThrownBy(() -> Specs.of(ClusterSpec.Mode.PUBSUB, url))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cluster.redis.url")
          .hasMessageNotContaining("secret");
    }
    assertThat(Specs.of(ClusterSpec.Mode.PUBSUB, "rediss://u:secret@host:1/2").toString())
        .doesNotContain("secret");
  }

  @Test
  void aBrokerWithoutAnAddressIsRefused() {
    var defaults = ClusterSpec.defaults();
    assertThat(defaults.broker().mode()).isEqualTo(ClusterSpec.Mode.NONE);
    var streams = Specs.of(ClusterSpec.Mode.STREAMS, "redis://h").broker();
    assertThatThrownBy(() -> new ClusterSpec(defaults.redis(), streams, EXPIRY))
        .hasMessageContaining("mode is streams and there is no cluster.redis.url");
    assertThatThrownBy(() -> new ClusterSpec(redis(""), streams, EXPIRY))
        .hasMessageContaining("there is nothing in cluster.redis.url")
        .hasMessageContaining("redis://host:6379");
    assertThat(new ClusterSpec(redis(""), defaults.broker(), EXPIRY).redis().url()).isEmpty();
    // That the secret's file cannot be read has been complained of.
    assertThat(new ClusterSpec(redis(SecretFiles.UNREADABLE), streams, EXPIRY)).isNotNull();
    assertThatThrownBy(() -> new LettuceDialer(defaults, "me")).hasMessageContaining("url");
  }

  private static ClusterSpec.RedisSpec redis(String url) {
    return new ClusterSpec.RedisSpec(url, Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  @Test
  void anAddressThatIsNoneIsSaidToBeWrongInItsOwnWay() {
    var wrong =
        Map.of(
            "http://h", "it does not begin with redis:// or rediss://",
            "h:6379", "it does not begin with redis:// or rediss://",
            "redis://:6379", "it names no host",
            "redis://h:port", "a port that is no number",
            "redis://h:0", "its port is not one from 1 to 65535",
            "redis://h:65536", "its port is not one from 1 to 65535",
            "redis://h:1/zero", "the number of a database",
            "redis://a b", "it cannot be read");
    wrong.forEach(
        (url, why) -> assertThatThrownBy(() -> redis(url)).as(url).hasMessageContaining(why));
    for (var sound : List.of("redis://h", "rediss://u:p@h:65535/15", "redis://[::1]:1/")) {
      assertThat(redis(sound).url()).isEqualTo(sound);
    }
  }

  @Test
  void aBrokerIsNotStartedWithoutAHub() {
    var broker =
        new RedisBroker(
            Specs.of(ClusterSpec.Mode.PUBSUB, "redis://h"),
            "me",
            new FakeRedis().dialer(),
            new EnvelopeCodec(BusCodec.RawEvents.WHOLE),
            clock,
            metrics);
    assertThatThrownBy(broker::start).isInstanceOf(IllegalStateException.class);
    broker.close();
  }

  @Test
  void theQueueIsBoundedInMessagesAndBytesAndTakesOneOfAnySizeWhenEmpty() {
    var queue = new OutQueue(4, 10_000);
    var three = publication(3, 10);
    assertThat(queue.offer(three, false)).isTrue();
    assertThat(queue.offer(publication(2, 10), false)).isFalse();
    assertThat(queue.offer(publication(1, 20_000), false)).isFalse();
    assertThat(queue.hasRoom()).isFalse();
    queue.done(Objects.requireNonNull(queue.poll()).publication());
    assertThat(queue.messages()).isZero();
    assertThat(queue.offer(publication(1, 20_000), true)).isTrue();
    assertThat(Objects.requireNonNull(queue.poll()).replay()).isTrue();
  }

  @Test
  void theLastIdsAreRemembered() {
    var ids = new DeliveredIds(2);
    var one = new MessageKey("t", "1");
    assertThat(ids.add(one)).isTrue();
    assertThat(ids.add(one)).isFalse();
    assertThat(ids.add(new MessageKey("u", "1"))).isTrue();
    assertThat(ids.add(new MessageKey("t", "2"))).isTrue();
    assertThat(ids.contains(one)).isFalse();
  }

  @Test
  void idsAreUuidsOfVersion7ThatDiffer() {
    var ids = new MessageIds(new SplittableRandom(1));
    var first = ids.next(1_750_000_000_000L);
    assertThat(java.util.UUID.fromString(first).version()).isEqualTo(7);
    assertThat(java.util.UUID.fromString(first).variant()).isEqualTo(2);
    assertThat(ids.next(1_750_000_000_000L)).isNotEqualTo(first);
  }

  @Test
  void anInstanceThatIsSilentForFifteenSecondsIsGone() {
    List<String> heard = new ArrayList<>();
    var redis = new FakeRedis();
    var bus = new PresenceBus("me", EXPIRY, clock.nanoTime(), metrics);
    bus.listen(listener(heard));
    var link = redis.dialer().dial(new Deaf()).toCompletableFuture().join();
    bus.received(said("you", "beat", null), clock.nanoTime());
    bus.received(said("me", "beat", null), clock.nanoTime());
    bus.received(said("you", "notice", "{\"a\":1}"), clock.nanoTime());
    bus.received("{".getBytes(StandardCharsets.UTF_8), clock.nanoTime());
    assertThat(bus.step(link, 3, clock.nanoTime())).isTrue();
    assertThat(bus.step(link, 3, clock.nanoTime())).isFalse();
    clock.advance(EXPIRY);
    bus.step(link, 3, clock.nanoTime());
    assertThat(heard).containsExactly("heard you", "heard you", "{\"a\":1}", "say all");
    clock.advance(Duration.ofSeconds(1));
    bus.step(link, 3, clock.nanoTime());
    assertThat(heard).last().isEqualTo("went you");
    assertThat(bus.instances()).isZero();
    assertThat(redis.published).hasSizeGreaterThan(1);
  }

  @Test
  void overANewConnectionAnInstanceSaysHelloAndEverythingIsSaidAnewOnceASecondAtMost() {
    List<String> heard = new ArrayList<>();
    var redis = new FakeRedis();
    var bus = new PresenceBus("me", EXPIRY, clock.nanoTime(), metrics);
    bus.listen(listener(heard));
    var link = redis.dialer().dial(new Deaf()).toCompletableFuture().join();
    bus.step(link, 3, clock.nanoTime());
    assertThat(redis.published.getFirst()).contains("hello");
    assertThat(heard).containsExactly("say all");
    bus.received(said("you", "hello", null), clock.nanoTime());
    bus.received(said("you", "hello", null), clock.nanoTime());
    bus.step(link, 3, clock.nanoTime());
    assertThat(heard).containsExactly("say all", "heard you", "heard you");
    clock.advance(Duration.ofSeconds(1));
    bus.step(link, 3, clock.nanoTime());
    bus.step(link, 3, clock.nanoTime());
    assertThat(heard).containsExactly("say all", "heard you", "heard you", "say all");
    bus.step(null, 3, clock.nanoTime());
    clock.advance(Duration.ofSeconds(1));
    bus.step(link, 3, clock.nanoTime());
    assertThat(heard).hasSize(5).last().isEqualTo("say all");
  }

  @Test
  void theWayToAnotherInstanceIsTheWayToRedisAndBackOfBoth() {
    var redis = new FakeRedis();
    var bus = new PresenceBus("me", EXPIRY, clock.nanoTime(), metrics);
    var link = redis.dialer().dial(new Deaf()).toCompletableFuture().join();
    bus.step(link, 0, clock.nanoTime());
    var beat = redis.published.getLast();
    bus.received(said("you", "hello", null), clock.nanoTime());
    clock.advance(Duration.ofMillis(4));
    bus.received(
        beat.substring(beat.indexOf('{')).getBytes(StandardCharsets.UTF_8), clock.nanoTime());
    bus.received(
        "{\"instance\":\"you\",\"kind\":\"beat\",\"n\":1,\"loop\":1500,\"waiting\":7}"
            .getBytes(StandardCharsets.UTF_8),
        clock.nanoTime());
    long heard = clock.nanoTime();
    clock.advance(Duration.ofSeconds(1));
    bus.step(link, 0, clock.nanoTime());
    assertThat(bus.peers()).containsExactly(new Peer("you", heard, 5_500L, 7));
    bus.step(null, 0, clock.nanoTime());
    clock.advance(Duration.ofSeconds(1));
    bus.step(null, 0, clock.nanoTime());
    assertThat(bus.peers()).containsExactly(new Peer("you", heard, null, 7));
  }

  @Test
  void noticesThatCannotBeSentAreDroppedAndCounted() {
    var bus = new PresenceBus("me", EXPIRY, clock.nanoTime(), metrics);
    assertThat(bus.publish("{}".getBytes(StandardCharsets.UTF_8))).isTrue();
    assertThat(bus.publish(new byte[PresenceBus.LONGEST + 1])).isFalse();
    assertThat(bus.step(null, 3, clock.nanoTime())).isFalse();
    assertThat(metrics.count(BrokerMetric.PRESENCE_DROPPED)).isEqualTo(2);
  }

  @Test
  void aDeadLetterIsReadBackByteForByte() {
    var letter =
        new DeadLetter("a\"b", "{\"p\":1.10}".getBytes(StandardCharsets.UTF_8), "i", "e\n", 1_000);
    var back = Objects.requireNonNull(DeadLetter.parse("a\"b", letter.bytes()));
    assertThat(back).usingRecursiveComparison().isEqualTo(letter);
  }

  @Test
  void mutatedDeadLettersAreRefusedOrRead() {
    long seed = 77;
    var random = new SplittableRandom(seed);
    var whole = new DeadLetter("a", "{}".getBytes(StandardCharsets.UTF_8), "i", "e", 1).bytes();
    for (int i = 0; i < 3_000; i++) {
      var mutated = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int n = random.nextInt(3); n > 0 && mutated.length > 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(128);
      }
      whateverIsInTheListIsRefusedOrRead(mutated);
    }
  }

  @FuzzTest
  void whateverIsInTheListIsRefusedOrRead(byte[] letter) {
    var read = DeadLetter.parse("a", letter);
    if (read != null) {
      assertThat(read.payload().length).isLessThanOrEqualTo(letter.length);
    }
  }

  private static Publication publication(int messages, int bytes) {
    var one = dev.millrace.hub.Message.of("t", new byte[bytes], false, 0);
    return new Publication("t", java.util.Collections.nCopies(messages, one), null);
  }

  private static byte[] said(
      String instance, String kind, @org.jspecify.annotations.Nullable String data) {
    return ("{\"instance\":\""
            + instance
            + "\",\"kind\":\""
            + kind
            + "\""
            + (data == null ? "" : ",\"data\":" + data)
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static final class Deaf implements Link.Receiver {
    @Override
    public void received(String channel, byte[] payload) {}

    @Override
    public void subscribed(String channel) {}

    @Override
    public void subscribedPattern(String channels) {}

    @Override
    public void ended() {}
  }

  private static PresenceBus.Listener listener(List<String> heard) {
    return new PresenceBus.Listener() {
      @Override
      public void instanceHeard(String instance) {
        heard.add("heard " + instance);
      }

      @Override
      public void sayAll() {
        heard.add("say all");
      }

      @Override
      public void instanceWent(String instance) {
        heard.add("went " + instance);
      }

      @Override
      public void received(String instance, byte[] notice) {
        heard.add(new String(notice, StandardCharsets.UTF_8));
      }
    };
  }
}
