package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final String KEEP_TEN =
      """
      topics:
        - { match: "kept*", retention: { messages: 10 } }
        - { match: "secret", audience: [feed, noc] }
        - { match: "*", conflate_ms: 50 }
      """;

  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final SimulatedLoops.Loop loop = loops.loop(0);
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final WireForm canonical = new PlainForm("plain");
  private final List<Client> clients = new ArrayList<>();
  private final List<Hub> hubs = new ArrayList<>();

  private Hub hub(String yaml) {
    var ports = HubPorts.LOCAL.withCanonical(canonical);
    var hub = new Hub(HubSpecs.of(yaml), loops.all(), clock, metrics, ports);
    hubs.add(hub);
    return hub;
  }

  @AfterEach
  void everythingIsGivenBackOnceItIsTooOld() {
    clients.forEach(client -> loop.in(client.transport::gone));
    loops.run();
    clock.advance(Duration.ofHours(2));
    loops.run();
    assertThat(hubs).allSatisfy(hub -> assertThat(hub.stats().memoryBytes()).isZero());
    assertThat(hubs).allSatisfy(hub -> assertThat(hub.keptBytes()).isZero());
    hubs.forEach(Hub::close);
    assertThat(clock.pendingTimers()).isZero();
  }

  private final class Client {
    final List<String> received = new ArrayList<>();
    final List<SubscribeOutcome> answers = new ArrayList<>();
    final FakeClient transport;

    Client(Hub hub, WireForm form) {
      transport = FakeClient.on(hub, loop, form, received::add);
      clients.add(this);
    }

    SubscribeOutcome subscribe(String topic) {
      loop.in(() -> transport.session().subscribe(List.of(topic), answers::addAll));
      loops.run();
      return answers.getLast();
    }

    SubscribeOutcome subscribe(String topic, int epoch, long offset) {
      var wanted = List.of(Wanted.from(topic, new Position(epoch, offset)));
      loop.in(() -> transport.session().subscribeTo(wanted, answers::addAll));
      loops.run();
      return answers.getLast();
    }
  }

  private void publish(Hub hub, String topic, String... texts) {
    for (var text : texts) {
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThat(hub.publish(topic, List.of(Message.of("t", bytes, false, 0))))
          .isEqualTo(new PublishOutcome.Accepted(1));
      loops.run();
    }
  }

  private static String[] texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "m" + i).toArray(String[]::new);
  }

  private List<String> history(Hub hub, String topic, int limit) {
    var page = hub.history(topic, limit);
    loops.run();
    return page.toCompletableFuture().join().entries().stream()
        .map(entry -> entry.offset() + ":" + new String(entry.payload(), StandardCharsets.UTF_8))
        .toList();
  }

  private int epoch(Hub hub, String topic) {
    return hub.topic(topic).orElseThrow().epoch();
  }

  @Test
  void whoComesBackIsSentWhatItMissedAndThenWhatIsNew() {
    var hub = hub(KEEP_TEN);
    publish(hub, "kept", texts(1, 6));
    var client = new Client(hub, canonical);
    int epoch = epoch(hub, "kept");
    assertThat(client.subscribe("kept", epoch, 2))
        .isEqualTo(new SubscribeOutcome.Resumed("kept", epoch, 5, true, 3));
    assertThat(client.received).containsExactly("m3", "m4", "m5");
    publish(hub, "kept", "m6");
    assertThat(client.received).containsExactly("m3", "m4", "m5", "m6");
    assertThat(metrics.count(HubMetric.RECOVERIES, "recovered")).isEqualTo(1);
    assertThat(client.transport.session().delivered()).isEqualTo(4);
  }

  @Test
  void aPositionThatIsNotThereBeginsAtTheEnd() {
    var hub = hub(KEEP_TEN);
    publish(hub, "kept", texts(1, 101));
    int epoch = epoch(hub, "kept");
    var lost = new SubscribeOutcome.Resumed("kept", epoch, 100, false, 0);
    for (var position :
        List.of(
            new Position(epoch, 0), // too old
            new Position(epoch, 50),
            new Position(epoch, 101), // from the future
            new Position(epoch, -1),
            new Position(epoch + 1, 99))) {
      var client = new Client(hub, canonical);
      assertThat(client.subscribe("kept", position.epoch(), position.offset()))
          .as("%s", position)
          .isEqualTo(lost);
      assertThat(client.received).isEmpty();
    }
    assertThat(metrics.count(HubMetric.RECOVERIES, "lost")).isEqualTo(5);
    assertThat(new Client(hub, canonical).subscribe("kept", 0, -1)).isEqualTo(lost); // none
    assertThat(metrics.count(HubMetric.RECOVERIES, "lost")).isEqualTo(5);
    assertThat(hub.settings("kept").objectionTo("sse")).isNull();
    publish(hub, "kept", "new");
    assertThat(clients).allSatisfy(client -> assertThat(client.received).containsExactly("new"));
  }

  @Test
  void whoMissedNothingNeedsNothingKept() {
    var hub = hub(KEEP_TEN);
    publish(hub, "unkept", "one", "two");
    var client = new Client(hub, canonical);
    int epoch = epoch(hub, "unkept");
    assertThat(client.subscribe("unkept", epoch, 2))
        .isEqualTo(new SubscribeOutcome.Resumed("unkept", epoch, 2, true, 0));
    var late = new Client(hub, canonical);
    assertThat(late.subscribe("unkept", epoch, 1))
        .isEqualTo(new SubscribeOutcome.Resumed("unkept", epoch, 2, false, 0));
    publish(hub, "unkept", "three");
    assertThat(client.received).containsExactly("three");
  }

  @Test
  void aSubscriptionThatIsThereGoesBackToItsPosition() {
    var hub = hub(KEEP_TEN);
    var client = new Client(hub, canonical);
    client.subscribe("kept");
    publish(hub, "kept", "m1", "m2", "m3");
    int epoch = epoch(hub, "kept");
    assertThat(client.subscribe("kept", epoch, 1))
        .isEqualTo(new SubscribeOutcome.Resumed("kept", epoch, 3, true, 2));
    publish(hub, "kept", "m4");
    assertThat(client.received).containsExactly("m1", "m2", "m3", "m2", "m3", "m4");
    assertThat(hub.stats().subscriptions()).isEqualTo(1);
  }

  @Test
  void anotherFormRecoversThroughCopiesIfItCanBeMadeOfTheCanonicalOne() {
    var hub = hub(KEEP_TEN);
    publish(hub, "kept", "m1", "m2", "!broken", "m4");
    int epoch = epoch(hub, "kept");
    var copied = new Client(hub, new PlainForm("copied"));
    assertThat(copied.subscribe("kept", epoch, 1))
        .isEqualTo(new SubscribeOutcome.Resumed("kept", epoch, 4, true, 3));
    var other = new Client(hub, new PlainForm("other"));
    assertThat(other.subscribe("kept", epoch, 1))
        .isEqualTo(new SubscribeOutcome.Resumed("kept", epoch, 4, false, 0));
    publish(hub, "kept", "m5");
    assertThat(copied.received).containsExactly("m2~", "m4~", "m5");
    assertThat(other.received).containsExactly("m5");
    assertThat(metrics.count(HubMetric.REFUSED, "unencodable")).isEqualTo(1);
    assertThat(copied.transport.session().delivered()).isEqualTo(3);
  }

  @Test
  void whatIsRecoveredIsNoLag() {
    var hub =
        hub(
            """
            jam_messages: 2
            max_lag: 1024
            topics: [ { match: "*", retention: { messages: 1000 } } ]
            """);
    publish(hub, "news", texts(1, 501));
    int epoch = epoch(hub, "news");
    var client = new Client(hub, canonical);
    client.transport.stopReading();
    client.subscribe("news", epoch, 100);
    publish(hub, "news", texts(501, 506));
    loop.in(client.transport::readOn);
    loops.run();
    assertThat(client.transport.closeCode()).isZero();
    var expected = new ArrayList<>(Arrays.asList(texts(101, 501)));
    expected.addAll(List.of("m504", "m505")); // of the live ones it was jammed
    assertThat(client.received).isEqualTo(expected);
  }

  @Test
  void aSessionThatEndsWhileItRecoversGivesBackWhatItHeld() {
    var hub = hub(KEEP_TEN);
    publish(hub, "kept", texts(1, 6));
    int epoch = epoch(hub, "kept");
    var client = new Client(hub, new PlainForm("copied"));
    client.transport.stopReading();
    client.subscribe("kept", epoch, 1);
    loop.in(client.transport::gone);
    clients.remove(client);
    publish(hub, "kept", texts(6, 100));
    assertThat(history(hub, "kept", 100)).hasSizeBetween(10, 13).endsWith("99:m99");
    assertThat(hub.stats().memoryBytes()).isLessThan(16 << 10);
  }

  @Test
  void aLogIsCutAtItsLimits() {
    var hub =
        hub(
            """
            topics:
              - { match: count, retention: { messages: 100 } }
              - { match: bytes, retention: { bytes: 10000 } }
              - { match: age, retention: { seconds: 100 } }
              - { match: none, retention: { messages: 0 } }
            recovery: { enabled: true, max_messages: 20 }
            """);
    for (int i = 0; i < 1_000; i++) {
      for (var topic : List.of("count", "bytes", "age", "none", "default")) {
        publish(hub, topic, "message number " + i);
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(history(hub, "count", 1_000)).hasSizeBetween(100, 125);
    // Each frame has 4 bytes of length and 17 or 18 of text.
    assertThat(history(hub, "bytes", 1_000)).hasSizeBetween(10_000 / 22, 12_500 / 22);
    assertThat(history(hub, "age", 1_000)).hasSizeBetween(99, 127);
    assertThat(history(hub, "none", 1_000)).isEmpty();
    assertThat(history(hub, "default", 1_000)).hasSizeBetween(20, 25);
    clock.advance(Duration.ofSeconds(130));
    loops.run();
    assertThat(history(hub, "age", 1_000)).isEmpty();
    assertThat(metrics.count(HubMetric.FORGOTTEN)).isZero();
  }

  @Test
  void historyIsTheNewestMessagesOldestFirst() {
    var hub = hub(KEEP_TEN);
    publish(hub, "kept", "m1", "m2", "?unreadable", "m4");
    assertThat(history(hub, "kept", 3)).containsExactly("2:m2", "4:m4");
    assertThat(history(hub, "kept", 0)).isEmpty();
    assertThat(history(hub, "kept", -1)).isEmpty();
    assertThat(history(hub, "nowhere", 5)).isEmpty();
    var page = hub.history("kept", 5);
    loops.run();
    assertThat(page.toCompletableFuture().join().offset()).isEqualTo(4);
    assertThat(page.toCompletableFuture().join().epoch()).isEqualTo(epoch(hub, "kept"));
    var large = "x".repeat(900_000);
    publish(hub, "kept large", large, large, large, large, large, large);
    assertThat(history(hub, "kept large", 100)).hasSizeBetween(4, 5); // 4 MiB
  }

  @Test
  void whatTopicsKeepGoesBeforeAnySessionDoes() {
    var hub =
        hub(
            """
            memory: 16MiB
            topics:
              - { match: "small", retention: { messages: 1000000, bytes: 1GiB } }
              - { match: "*", retention: { messages: 1000000, bytes: 1GiB } }
            """);
    publish(hub, "small", texts(1, 50));
    var slow = new Client(hub, canonical);
    slow.subscribe("live");
    slow.transport.stopReading();
    var large = "x".repeat(500_000);
    var client = new Client(hub, canonical);
    client.subscribe("big");
    client.subscribe("small");
    for (int i = 0; i < 200; i++) {
      publish(hub, "big", large);
      publish(hub, "alone", large);
      publish(hub, "live", "tick");
      assertThat(hub.stats().memoryBytes()).isLessThan((16 << 20) + (2 << 20));
    }
    assertThat(client.received).hasSize(200);
    assertThat(slow.transport.closeCode()).isZero();
    assertThat(metrics.count(HubMetric.FORGOTTEN)).isGreaterThan(300);
    assertThat(metrics.count(HubMetric.CLOSED, "memory")).isZero();
    assertThat(history(hub, "small", 1_000)).hasSize(49); // the largest pay
  }

  @Test
  void whatALaggardDoesNotNeedGoesBeforeTheLaggardDoes() {
    var hub =
        hub(
            """
            memory: 16MiB
            max_lag: 1GB
            jam_messages: 1000000
            topics: [ { match: "*", retention: { messages: 1000000, bytes: 1GiB } } ]
            """);
    var large = "x".repeat(500_000);
    for (int i = 0; i < 40; i++) {
      publish(hub, "big", large);
    }
    var slow = new Client(hub, canonical);
    slow.transport.stopReading();
    slow.subscribe("big");
    for (int i = 0; i < 10; i++) {
      publish(hub, "big", large);
    }
    assertThat(slow.transport.closeCode()).isZero();
    loop.in(slow.transport::readOn);
    loops.run();
    assertThat(slow.received).hasSize(10);
  }

  @Test
  void aTopicThatKeepsMessagesStaysUntilTheyAreTooOld() {
    var hub = hub("max_topics: 2\ntopics: [ { match: \"kept*\" , retention: { seconds: 300 } } ]");
    publish(hub, "kept", "one");
    publish(hub, "other", "two");
    clock.advance(Duration.ofSeconds(100));
    hub.publish("new", List.of(Message.of("t", new byte[1], false, 0)));
    loops.run();
    assertThat(hub.topics()).extracting(TopicStats::name).containsExactly("kept");
    publish(hub, "new", "three");
    clock.advance(Duration.ofSeconds(201)); // nothing is published meanwhile
    loops.run();
    hub.publish("kept 2", List.of(Message.of("t", new byte[1], false, 0)));
    loops.run();
    publish(hub, "kept 2", "four");
    assertThat(hub.topics()).extracting(TopicStats::name).doesNotContain("kept").contains("kept 2");
  }

  @Test
  void subscribingAloneLeavesNoTopicBehindAlsoIfItWouldKeepMessages() {
    var hub = hub(KEEP_TEN);
    var client = new Client(hub, canonical);
    client.subscribe("kept");
    var other = new Client(hub, new PlainForm("other"));
    other.subscribe("kept");
    assertThat(hub.topics()).hasSize(1);
    loop.in(() -> client.transport.session().unsubscribe("kept"));
    assertThat(hub.topics()).hasSize(1);
    loop.in(() -> other.transport.session().unsubscribe("kept"));
    assertThat(hub.topics()).isEmpty();
  }

  @Test
  void aMessageWithoutFormLeavesAHoleAndNothingElse() {
    var hub = hub(KEEP_TEN);
    publish(hub, "kept", "m1");
    hub.publish("kept", List.of(Message.of("unencodable", new byte[1], false, 0)));
    publish(hub, "kept", "m3", "m4");
    int epoch = epoch(hub, "kept");
    assertThat(history(hub, "kept", 10)).containsExactly("1:m1", "3:m3", "4:m4");
    var client = new Client(hub, canonical);
    assertThat(client.subscribe("kept", epoch, 1))
        .isEqualTo(new SubscribeOutcome.Resumed("kept", epoch, 4, true, 2));
    assertThat(client.received).containsExactly("m3", "m4");
    hub.publish("kept", List.of(Message.of("unencodable", new byte[1], false, 0)));
    loops.run();
    assertThat(client.subscribe("kept", epoch, 4))
        .isEqualTo(new SubscribeOutcome.Resumed("kept", epoch, 5, true, 0));
    publish(hub, "kept", "m6");
    assertThat(client.received).containsExactly("m3", "m4", "m6");
  }

  @Test
  void aTopicAdmitsItsAudience() {
    var hub = hub(KEEP_TEN);
    var stranger = new Client(hub, canonical);
    assertThat(stranger.subscribe("secret"))
        .isEqualTo(new SubscribeOutcome.Refused("secret", "the topic is not for clients of plain"));
    var feed = new FakeClient(text -> {});
    feed.attach(loop.in(() -> hub.open(loop, "feed", canonical, feed)));
    loop.in(() -> feed.session().subscribe(List.of("secret"), stranger.answers::addAll));
    loops.run();
    assertThat(stranger.answers.getLast()).isEqualTo(new SubscribeOutcome.Subscribed("secret"));
    loop.in(feed::gone);
  }

  @Test
  void theFirstEntryThatFitsHolds() {
    var rules =
        new TopicRules(
            HubSpecs.of(
                """
                topics:
                  - { match: "orders.*", retention: { messages: 5, seconds: 60 } }
                  - { match: "orders.x", conflate_ms: 100 }
                  - { match: "chat:?", presence: false, audience: [wse] }
                recovery: { enabled: true }
                presence: { enabled: true }
                """));
    assertThat(rules.of("orders.x").conflateMillis()).isZero();
    var retention = rules.of("orders.x").retention();
    assertThat(retention).isNotNull();
    assertThat(retention.messages()).isEqualTo(5);
    assertThat(rules.of("chat:1").presence()).isFalse();
    assertThat(rules.of("chat:12").presence()).isTrue();
    assertThat(rules.of("other").retention()).isEqualTo(HubSpec.defaults().recovery().retention());
    assertThat(rules.of(Companion.of("other"))).isSameAs(TopicSettings.PLAIN);
    assertThat(TopicRules.matches("a*c*e", "abcde")).isTrue();
    assertThat(TopicRules.matches("a*c*e", "abcd")).isFalse();
    assertThat(TopicRules.matches("**", "")).isTrue();
    assertThat(TopicRules.matches("?", "")).isFalse();
  }

  @Test
  void settingsThatCannotWorkAreRefused() {
    var spec = HubSpecs.of(KEEP_TEN);
    assertThatThrownBy(() -> new Hub(spec, loops.all(), clock, metrics))
        .hasMessageContaining("canonical form");
    assertThatThrownBy(() -> HubSpecs.of("topics: [ { match: \"\" } ]"))
        .hasMessageContaining("match is empty");
  }
}
