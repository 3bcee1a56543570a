package dev.millrace.connect.redis;

import static dev.millrace.connect.redis.FakeHub.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.SystemClock;
import dev.millrace.hub.Message;
import dev.millrace.hub.Publication;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.hub.Receipt;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.redis.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two instances in one process, and a real Redis between them.
class RedisBrokerTest {
  @TempDir Path folder;

  private final SystemClock clock = new SystemClock();
  private final Closer closer = new Closer();

  private static final class Instance {
    final FakeHub hub = new FakeHub();
    final Metrics metrics = new Metrics();
    final RedisBroker broker;

    Instance(ClusterSpec spec, SystemClock clock) {
      broker = new RedisBroker(spec, new EnvelopeCodec(BusCodec.RawEvents.WHOLE), clock, metrics);
      broker.attach(hub);
    }

    PublishOutcome publish(String topic, Message... messages) {
      return broker.publish(new Publication(topic, List.of(messages), null), hub);
    }

    CompletableFuture<Receipt> publishAndAwait(String topic, Message... messages) {
      var receipt = new CompletableFuture<Receipt>();
      broker.publish(new Publication(topic, List.of(messages), receipt), hub);
      return receipt;
    }

    /// Waits until what is published on a topic is heard.
    void follow(String topic) {
      var heard = broker.follow(topic).toCompletableFuture();
      Await.until("the topic is heard", heard::isDone);
    }

    void awaitDelivered(String... expected) {
      Await.until(
          Duration.ofSeconds(15),
          () -> hub.count() >= expected.length,
          () -> "only " + hub.delivered() + "; " + broker.condition());
      assertThat(hub.delivered()).containsExactly(expected);
    }
  }

  @BeforeEach
  void thereIsARedis() {
    var why = RedisServer.missing();
    assumeTrue(why == null, String.valueOf(why));
  }

  @AfterEach
  void stop() {
    closer.close();
    clock.close();
  }

  @Test
  void everyInstanceDeliversWhatAnyOfThemPublishesOnce() {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    var other = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    var receipt = one.publishAndAwait("a", object("x"));
    Await.until("the echo came", receipt::isDone);
    assertThat(receipt.join()).isInstanceOf(Receipt.Appended.class);
    other.awaitDelivered("a:{\"x\":1}");
    other.publish("a", object("y"));
    one.awaitDelivered("a:{\"x\":1}", "a:{\"y\":1}");
    assertThat(one.broker.condition().healthy()).isTrue();
  }

  @Test
  void otherServersOfTheBusAreUnderstood() {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    redis.command("PUBLISH", "wse:a", "WSE{\"t\":\"e\",\"p\":{\"n\":1},\"id\":\"7\",\"v\":1}");
    redis.command("PUBLISH", "wse:a", "{\"t\":\"e\",\"p\":{\"n\":2}}");
    redis.command("PUBLISH", "wse:a", "{\"event_type\":\"e\",\"n\":3}");
    one.awaitDelivered("a:{\"n\":1}", "a:{\"n\":2}", "a:{\"event_type\":\"e\",\"n\":3}");
  }

  @Test
  void messagesArriveEverywhereInOneOrder() {
    sendMany(20_000);
  }

  @Test
  @Tag("slow")
  void aHundredThousandMessagesArriveEverywhereInOneOrder() {
    sendMany(100_000);
  }

  private void sendMany(int count) {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    var other = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    List<Message> batch = new ArrayList<>();
    int sent = 0;
    for (int i = 0; i < count; i++) {
      batch.add(FakeHub.number(i));
      if (batch.size() == 50) {
        var messages = batch.toArray(Message[]::new);
        var from = sent++ % 2 == 0 ? one : other;
        Await.until(
            "there is room", () -> from.publish("a", messages) instanceof PublishOutcome.Accepted);
        batch.clear();
      }
    }
    for (var instance : List.of(one, other)) {
      Await.until(
          Duration.ofSeconds(60),
          () -> instance.hub.count() >= count,
          () -> instance.hub.count() + " came; " + instance.broker.condition());
    }
    assertThat(one.hub.delivered()).doesNotHaveDuplicates().isEqualTo(other.hub.delivered());
    assertThat(numbersOf(one.hub, 0)).isSorted();
    assertThat(numbersOf(one.hub, 1)).isSorted();
  }

  @Test
  void aSlowNetworkLosesNothingAndKeepsTheOrder() throws IOException {
    var redis = redis();
    var network = closer.opened(new SlowNetwork(redis.port(), Duration.ofMillis(5)));
    var one = instance(network.url(), ClusterSpec.Mode.PUBSUB);
    var other = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    for (int i = 0; i < 2_000; i++) {
      one.publish("a", FakeHub.number(i));
    }
    Await.until("all came back", () -> one.hub.count() == 2_000);
    assertThat(other.hub.delivered()).isEqualTo(one.hub.delivered());
    assertThat(numbersOf(one.hub, 0)).isSorted();
    assertThat(one.metrics.count(BrokerMetric.SERVED_LOCALLY, "no_echo")).isZero();
  }

  @Test
  void afterACrashOfRedisEveryInstanceServesItsOwnAndAReplayBringsTheRest() throws Exception {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    var other = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    one.publish("a", object("before"));
    other.awaitDelivered("a:{\"before\":1}");
    redis.kill();
    Await.until("the outage is noticed", () -> !one.broker.condition().healthy());
    one.publish("a", object("during"));
    one.awaitDelivered("a:{\"before\":1}", "a:{\"during\":1}");
    assertThat(one.broker.deadLetters().replay("a", null)).isInstanceOf(Replay.Outcome.Away.class);
    redis.start();
    awaitWell(one);
    awaitWell(other);
    Await.until(
        "Redis has the dead letter", () -> one.broker.condition().deadLettersWaiting() == 0);
    var routes = new DeadLetterRoutes(one.broker.deadLetters()).routes();
    assertThat(call(routes, 0, Map.of("topic", List.of("a")), ""))
        .contains("\"topic\":\"a\"", "\"during\":1");
    assertThat(call(routes, 0, Map.of("limit", List.of("0")), "")).contains("BAD_ARGUMENT");
    assertThat(call(routes, 1, Map.of(), "{")).contains("BAD_JSON");
    assertThat(call(routes, 1, Map.of(), "{}")).contains("BAD_ARGUMENT");
    assertThat(call(routes, 1, Map.of(), "{\"topic\":\"a\",\"id\":\"none\"}"))
        .contains("NOT_FOUND");
    assertThat(call(routes, 1, Map.of(), "{\"topic\":\"a\"}"))
        .isEqualTo("{\"replayed\":1,\"failed\":0}");
    other.awaitDelivered("a:{\"before\":1}", "a:{\"during\":1}");
    assertThat(one.broker.deadLetters().list(null, 10)).isEmpty();
    assertThat(one.hub.delivered()).hasSize(2);
  }

  @Test
  void aPausedRedisDoesNotHoldUpSubscribersForLong() {
    var redis = redis();
    var spec = Specs.of(ClusterSpec.Mode.PUBSUB, redis.url(), Duration.ofMillis(200));
    var one = started(new Instance(spec, clock));
    one.publish("a", object("before"));
    one.awaitDelivered("a:{\"before\":1}");
    redis.pause();
    long begun = System.nanoTime();
    one.publish("a", object("during"));
    one.awaitDelivered("a:{\"before\":1}", "a:{\"during\":1}");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    redis.resume();
    Await.until(
        "it is published, or put aside",
        () -> one.broker.condition().deadLettersWaiting() == 0 && one.broker.waiting() == 0);
    assertThat(one.hub.delivered()).hasSize(2);
  }

  @Test
  void withAWrongPasswordItSaysSoAndServesItsOwn() {
    var redis = closer.opened(RedisServer.start(folder, "secret"));
    var one =
        started(
            new Instance(
                Specs.of(ClusterSpec.Mode.PUBSUB, redis.url().replace("//", "//:wrong@")), clock));
    Await.until("it is noticed", () -> !one.broker.condition().healthy());
    assertThat(one.broker.condition().trouble()).contains("WRONGPASS").doesNotContain("wrong@");
    one.publish("a", object("x"));
    one.awaitDelivered("a:{\"x\":1}");
    var right = instance(redis.url().replace("//", "//:secret@"), ClusterSpec.Mode.PUBSUB);
    assertThat(right.broker.condition().connected()).isTrue();
  }

  @Test
  void tlsToARedisWithoutItIsAnOutageAndNoHang() {
    var redis = redis();
    var one =
        started(
            new Instance(
                Specs.of(ClusterSpec.Mode.PUBSUB, redis.url().replace("redis:", "rediss:")),
                clock));
    Await.until("it is noticed", () -> !one.broker.condition().healthy());
    one.publish("a", object("x"));
    one.awaitDelivered("a:{\"x\":1}");
  }

  @Test
  void streamsGiveEveryMessageOnePlaceOnAllInstances() {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.STREAMS);
    var other = instance(redis.url(), ClusterSpec.Mode.STREAMS);
    for (int i = 0; i < 500; i++) {
      one.publish("a", object("one" + i));
      other.publish("a", object("other" + i));
    }
    Await.until("all came to one", () -> one.hub.count() >= 1_000);
    Await.until("all came to the other", () -> other.hub.count() >= 1_000);
    assertThat(one.hub.delivered()).isEqualTo(other.hub.delivered());
    assertThat(one.hub.delivered().getFirst()).endsWith(".1");
    assertThat(one.hub.delivered().getLast()).endsWith(".1000");
    var late = new Instance(Specs.of(ClusterSpec.Mode.STREAMS, redis.url()), clock);
    late.hub.keeps = 10;
    started(late);
    awaitWell(late);
    late.follow("a");
    assertThat(late.hub.delivered()).isEqualTo(one.hub.delivered().subList(990, 1_000));
  }

  @Test
  void streamsThatRedisLostBeginANewEpoch() {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.STREAMS);
    one.publish("a", object("x"));
    Await.until("it came", () -> one.hub.count() == 1);
    redis.kill();
    redis.start();
    Await.until("the end of the connection is noticed and mended", () -> connects(one) == 2);
    one.publish("a", object("y"));
    Await.until("it came", () -> one.hub.count() == 2);
    var first = one.hub.delivered().getFirst();
    var second = one.hub.delivered().getLast();
    assertThat(second).startsWith("a:{\"y\":1}@").endsWith(".1");
    assertThat(second.substring(second.indexOf('@')))
        .isNotEqualTo(first.substring(first.indexOf('@')));
  }

  @Test
  void aScriptThatRedisForgotIsBroughtBack() {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.STREAMS);
    redis.command("SCRIPT", "FLUSH");
    one.publish("a", object("x"));
    Await.until("it came", () -> one.hub.count() == 1);
    assertThat(one.hub.delivered().getFirst()).contains("@");
  }

  @Test
  void aStreamKeepsAnIdOnce() {
    var redis = redis();
    var one = instance(redis.url(), ClusterSpec.Mode.STREAMS);
    var other = instance(redis.url(), ClusterSpec.Mode.STREAMS);
    one.publish("a", object("x").withId("1"));
    Await.until("it came", () -> other.hub.count() == 1);
    Await.until(
        "it was published twice", other.publishAndAwait("a", object("x").withId("1"))::isDone);
    one.publish("a", object("y"));
    Await.until("the next came", () -> other.hub.count() >= 2);
    assertThat(other.hub.delivered().getLast()).endsWith(".2");
    assertThat(redis.command("XLEN", "millrace:topic:a")).isEqualTo(":2");
  }

  @Test
  void instancesHearOfEachOtherAndOfWhatTheySay() {
    var redis = redis();
    var heard = new ConcurrentLinkedQueue<String>();
    var one = new Instance(Specs.of(ClusterSpec.Mode.PUBSUB, redis.url()), clock);
    one.broker.presence().listen(listener(heard));
    started(one);
    awaitWell(one);
    var other = instance(redis.url(), ClusterSpec.Mode.PUBSUB);
    var name = other.broker.presence().instance();
    Await.until("it came", () -> heard.contains("heard " + name));
    assertThat(other.broker.presence().publish("{\"join\":1}".getBytes(StandardCharsets.UTF_8)))
        .isTrue();
    assertThat(other.broker.presence().publish("{".getBytes(StandardCharsets.UTF_8))).isFalse();
    Await.until("the notice came", () -> heard.contains("{\"join\":1}"));
    assertThat(one.broker.condition().instances()).isOne();
    other.broker.close();
    Await.until("it went", () -> heard.contains("went " + name));
  }

  @Test
  void aFullQueueIsSaidToThePublisher() {
    var one = new Instance(Specs.of(ClusterSpec.Mode.PUBSUB, "redis://127.0.0.1:1"), clock);
    closer.opened(one.broker);
    PublishOutcome outcome = new PublishOutcome.Accepted(0);
    for (int i = 0; i < 9_000 && outcome instanceof PublishOutcome.Accepted; i++) {
      outcome = one.publish("a", object("x"));
    }
    assertThat(outcome).isEqualTo(new PublishOutcome.Full());
    assertThat(one.broker.hasRoom()).isFalse();
  }

  private RedisServer redis() {
    return closer.opened(RedisServer.start(folder));
  }

  private Instance instance(String url, ClusterSpec.Mode mode) {
    var instance = started(new Instance(Specs.of(mode, url), clock));
    awaitWell(instance);
    instance.follow("a");
    return instance;
  }

  private Instance started(Instance instance) {
    closer.opened(instance.broker.start());
    return instance;
  }

  private static void awaitWell(Instance instance) {
    Await.until(
        Duration.ofSeconds(20),
        () -> instance.broker.condition().connected(),
        () -> "not connected: " + instance.broker.condition());
  }

  private static long connects(Instance instance) {
    return instance.broker.condition().connects();
  }

  private static List<Integer> numbersOf(FakeHub hub, int half) {
    return hub.delivered().stream()
        .map(one -> Integer.parseInt(one.substring(7, one.length() - 1)))
        .filter(number -> number / 50 % 2 == half)
        .toList();
  }

  private static String call(
      List<dev.millrace.core.route.Route> routes,
      int route,
      Map<String, List<String>> query,
      String body)
      throws Exception {
    var request =
        new Request(
            "r",
            "GET",
            "/",
            Map.of(),
            query,
            Map.of(),
            body.getBytes(StandardCharsets.UTF_8),
            "127.0.0.1",
            Principal.local("127.0.0.1"));
    Response response = routes.get(route).handler().handle(request);
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static PresenceBus.Listener listener(ConcurrentLinkedQueue<String> heard) {
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
