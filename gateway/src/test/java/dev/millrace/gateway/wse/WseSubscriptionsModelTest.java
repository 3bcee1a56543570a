package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.Publications.number;
import static dev.millrace.gateway.wse.Publications.subscribe;
import static dev.millrace.gateway.wse.Publications.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.hub.Message;
import dev.millrace.hub.TopicPattern;
import dev.millrace.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Clients that subscribe by names, patterns and filters, leave, are cut off and come back with
/// their positions, in random order, beside lists of what each has to get: exactly that, in order.
@Timeout(120)
class WseSubscriptionsModelTest {
  private static final int STEPS = 250;
  private static final int KEPT = 20;
  private static final List<String> TOPICS = List.of("t1", "t2", "u1");
  private static final List<String> NAMES = List.of("t1", "t2", "u1", "t?", "*");

  /// A client; what it asked for by name or pattern is the remainder of the numbers it wants, or
  /// [#ALL].
  private static final class Peer {
    static final int ALL = -1;

    final Map<String, Integer> wishes = new TreeMap<>();
    final Map<String, Integer> seen = new HashMap<>(); // messages of each topic, when it was cut
    @Nullable TestClient client;

    TestClient client() {
      if (client == null) {
        throw new IllegalStateException("it is cut off");
      }
      return client;
    }

    boolean wants(String topic, int number) {
      return wishes.entrySet().stream()
          .anyMatch(
              wish ->
                  TopicPattern.of(wish.getKey()).matches(topic) && keeps(wish.getValue(), number));
    }

    boolean isGiven(String topic) {
      return client != null
          && wishes.keySet().stream().anyMatch(name -> TopicPattern.of(name).matches(topic));
    }

    static boolean keeps(int remainder, int number) {
      return remainder == ALL || number % 3 == remainder;
    }
  }

  private final Map<String, List<Integer>> logs = new TreeMap<>();
  private final List<Peer> peers = new ArrayList<>();
  private Random random = new Random(0);
  private String step = "";
  private int lastNumber;

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "1,2", "2,2", "2,3"})
  void everybodyGetsExactlyWhatItAskedForInOrder(int loops, long seed) throws Exception {
    random = new Random(seed);
    try (var gateway =
        new TestGateway(loops, "recovery.enabled=true", "recovery.max_messages=" + KEPT)) {
      for (var topic : TOPICS) {
        logs.put(topic, new ArrayList<>());
        publish(gateway, topic); // so that patterns know it
      }
      for (int i = 0; i < 4; i++) {
        var peer = new Peer();
        peer.client = gateway.connect("/wse");
        peers.add(peer);
      }
      for (int i = 0; i < STEPS; i++) {
        var peer = peers.get(random.nextInt(peers.size()));
        step = "seed " + seed + ", loops " + loops + ", step " + i;
        if (peer.client == null) {
          comeBack(gateway, peer);
        } else {
          switch (random.nextInt(8)) {
            case 0 -> cut(gateway, peer);
            case 1, 2 -> ask(peer, NAMES.get(random.nextInt(NAMES.size())));
            case 3 -> leave(peer, NAMES.get(random.nextInt(NAMES.size())));
            default -> publish(gateway, TOPICS.get(random.nextInt(TOPICS.size())));
          }
        }
        awaitSubscribers(gateway);
        if (random.nextInt(4) == 0) {
          publish(gateway, TOPICS.get(random.nextInt(TOPICS.size())));
        }
      }
    }
  }

  /// Publishes some messages; whoever wants them gets them, and nobody anything else.
  private void publish(TestGateway gateway, String topic) throws InterruptedException {
    var messages = new ArrayList<Message>();
    int first = lastNumber + 1;
    for (int i = random.nextInt(6); i >= 0; i--) {
      int number = ++lastNumber;
      var payload = "{\"n\":" + number + ",\"r\":" + number % 3 + "}";
      messages.add(Message.of("news", payload.getBytes(StandardCharsets.UTF_8), true, 0));
      logs.getOrDefault(topic, List.of()).add(number);
    }
    gateway.hub.publishAndAwait(topic, messages).toCompletableFuture().join();
    // The turn is over: whoever subscribes from now on begins behind them.
    gateway.hub.history(topic, 1).toCompletableFuture().join();
    for (var peer : peers) {
      for (int number = first; number <= lastNumber && peer.client != null; number++) {
        if (peer.wants(topic, number)) {
          expect(peer.client(), number);
        }
      }
    }
  }

  private void expect(TestClient client, int number) throws InterruptedException {
    assertThat(number(client.next("news"))).as(step).isEqualTo(number);
  }

  private void ask(Peer peer, String name) throws InterruptedException {
    int remainder = random.nextBoolean() ? Peer.ALL : random.nextInt(3);
    var ack = peer.client().ask(subscribe(name, filter(remainder)), "subscription_update");
    boolean already = ack.path("already_subscribed").size() > 0;
    assertThat(already).as(step).isEqualTo(peer.wishes.containsKey(name));
    peer.wishes.putIfAbsent(name, remainder);
  }

  private static String filter(int remainder) {
    return remainder == Peer.ALL ? "" : ",\"filters\":{\"r\":" + remainder + "}";
  }

  private void leave(Peer peer, String name) throws InterruptedException {
    var ack = peer.client().ask(unsubscribe(name), "subscription_update");
    peer.wishes.remove(name);
    assertThat(ack.path("active_subscriptions").valueStream().map(one -> one.asString()).toList())
        .as(step)
        .containsExactlyElementsOf(peer.wishes.keySet());
  }

  private void cut(TestGateway gateway, Peer peer) {
    int before = gateway.dialect.connections();
    peer.client().abort();
    peer.client = null;
    logs.forEach((topic, log) -> peer.seen.put(topic, log.size()));
    Await.until(step, () -> gateway.dialect.connections() == before - 1);
  }

  /// Names with their positions first, then patterns, which have none.
  private void comeBack(TestGateway gateway, Peer peer) throws InterruptedException {
    var client = gateway.connect("/wse");
    peer.client = client;
    for (var topic : TOPICS) {
      var remainder = peer.wishes.get(topic);
      if (remainder != null) {
        comeBack(gateway, peer, client, topic, remainder);
      }
    }
    for (var wish : peer.wishes.entrySet()) {
      if (TopicPattern.isPattern(wish.getKey())) {
        client.ask(subscribe(wish.getKey(), filter(wish.getValue())), "subscription_update");
      }
    }
  }

  private void comeBack(
      TestGateway gateway, Peer peer, TestClient client, String topic, int remainder)
      throws InterruptedException {
    var log = logs.getOrDefault(topic, List.of());
    int seen = peer.seen.getOrDefault(topic, 0);
    var epoch = "%08x".formatted(gateway.hub.topic(topic).orElseThrow().epoch());
    var asked = Publications.comeBack(topic, epoch, seen);
    asked = asked.replace(",\"recover\"", filter(remainder) + ",\"recover\"");
    var ack = client.ask(asked, "subscription_update").path("recovery").path(topic);
    int missed = log.size() - seen;
    boolean recovered = ack.path("recovered").asBoolean();
    assertThat(ack.path("offset").asInt()).as(step).isEqualTo(log.size());
    if (missed <= KEPT) {
      assertThat(recovered).as("%s: %d messages are kept", step, missed).isTrue();
    } else if (missed > KEPT + KEPT / 2) {
      assertThat(recovered).as("%s: %d messages are not kept", step, missed).isFalse();
    }
    if (recovered) {
      assertThat(ack.path("count").asInt()).as(step).isEqualTo(missed);
      for (int number : log.subList(seen, log.size())) {
        if (Peer.keeps(remainder, number)) {
          expect(client, number);
        }
      }
    }
  }

  /// Patterns join on the topics' own loops, after they were acknowledged.
  private void awaitSubscribers(TestGateway gateway) {
    for (var topic : TOPICS) {
      long expected = peers.stream().filter(peer -> peer.isGiven(topic)).count();
      Await.until(
          step + ": subscribers of " + topic,
          () -> gateway.hub.topic(topic).orElseThrow().subscribers() == expected);
    }
  }
}
