package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HubTest {
  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final SimulatedLoops.Loop loop = loops.loop(0);
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final WireForm form = new PlainForm("plain");

  private final List<Hub> hubs = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();

  private Hub hub(String... keys) {
    var hub = new Hub(HubSpecs.with(keys), loops.all(), clock, metrics);
    hubs.add(hub);
    return hub;
  }

  @AfterEach
  void everythingIsGivenBack() {
    clients.forEach(client -> loop.in(client.transport::gone));
    loops.run();
    assertThat(hubs).allSatisfy(hub -> assertThat(hub.stats().memoryBytes()).isZero());
  }

  private final class Client {
    final List<String> received = new ArrayList<>();
    final List<SubscribeOutcome> answers = new ArrayList<>();
    final FakeClient transport;

    Client(Hub hub, String... topics) {
      transport = FakeClient.on(hub, loop, form, received::add);
      clients.add(this);
      subscribe(topics);
    }

    void subscribe(String... topics) {
      loop.in(() -> transport.session().subscribe(List.of(topics), answers::addAll));
      loops.run();
    }
  }

  private static Message message(String text) {
    return Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0);
  }

  private PublishOutcome publish(Hub hub, String topic, Message... messages) {
    var outcome = hub.publish(topic, List.of(messages));
    loops.run();
    return outcome;
  }

  private static ByteBuf note(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes);
  }

  @Test
  void aSubscriberReceivesWhatIsPublishedFromThenOn() {
    var hub = hub();
    publish(hub, "news", message("before"));
    var client = new Client(hub, "news");
    publish(hub, "news", message("one"), message("two"));
    publish(hub, "other", message("elsewhere"));
    assertThat(client.received).containsExactly("one", "two");
    assertThat(client.answers).containsExactly(new SubscribeOutcome.Subscribed("news"));
  }

  @Test
  void aSlowSessionIsClosedAndTheOthersMissNothing() {
    var hub = hub("max_lag=1024", "jam_messages=1000000");
    var fast = new Client(hub, "news");
    var slow = new Client(hub, "news");
    slow.transport.stopReading();
    var texts = IntStream.range(0, 100).mapToObj(i -> "message number " + i).toList();
    texts.forEach(text -> publish(hub, "news", message(text)));
    assertThat(fast.received).isEqualTo(texts);
    assertThat(slow.transport.closeCode()).isEqualTo(4503);
    assertThat(slow.transport.closeReason()).startsWith("Reads too slowly: ");
    assertThat(metrics.count(HubMetric.CLOSED, "lag")).isEqualTo(1);
    assertThat(hub.stats().memoryBytes()).isZero();
    assertThat(hub.stats().sessions()).isEqualTo(1);
  }

  @Test
  void aJammedSessionGoesWithoutTheLeastImportantAndOldest() {
    var hub = hub("jam_messages=4");
    var client = new Client(hub, "news");
    client.transport.stopReading();
    publish(hub, "news", message("in flight"));
    publish(
        hub,
        "news",
        message("n1"),
        message("b1").withPriority(Priority.BACKGROUND),
        message("h1").withPriority(Priority.HIGH),
        message("l1").withPriority(Priority.LOW),
        message("n2"),
        message("c1").withPriority(Priority.CRITICAL),
        message("n3"));
    loop.in(client.transport::readOn);
    loops.run();
    assertThat(client.received).containsExactly("in flight", "h1", "n2", "c1", "n3");
    assertThat(metrics.count(HubMetric.LEFT_OUT, "background")).isEqualTo(1);
    assertThat(metrics.count(HubMetric.LEFT_OUT, "low")).isEqualTo(1);
    assertThat(metrics.count(HubMetric.LEFT_OUT, "normal")).isEqualTo(1);
  }

  @Test
  void importantMessagesAreNeverLeftOut() {
    var hub = hub("jam_messages=2");
    var client = new Client(hub, "news");
    client.transport.stopReading();
    publish(hub, "news", message("in flight"));
    var expected = new ArrayList<>(List.of("in flight"));
    for (int i = 0; i < 50; i++) {
      publish(
          hub,
          "news",
          message("n" + i),
          message("h" + i).withPriority(i % 2 == 0 ? Priority.HIGH : Priority.CRITICAL));
      expected.add("h" + i);
    }
    loop.in(client.transport::readOn);
    loops.run();
    assertThat(client.received).isEqualTo(expected);
  }

  @Test
  void whatIsLeftOutNeedNotBeKept() {
    var hub = hub("jam_messages=10");
    var client = new Client(hub, "news");
    client.transport.stopReading();
    for (int i = 0; i < 20_000; i++) {
      publish(hub, "news", message("a message of some length, number " + i));
    }
    assertThat(hub.stats().memoryBytes()).isLessThan(1 << 20);
    loop.in(client.transport::readOn);
    loops.run();
    assertThat(client.received).hasSize(11).endsWith("a message of some length, number 19999");
  }

  @Test
  void theWorstLaggardIsClosedWhenMemoryRunsOut() {
    var hub = hub("memory=16MiB", "max_lag=1GB", "jam_messages=1000000");
    var slow = new Client(hub, "big");
    slow.transport.stopReading();
    var lessSlow = new Client(hub, "small");
    lessSlow.transport.stopReading();
    var fast = new Client(hub, "big");
    publish(hub, "small", message("a"));
    publish(hub, "small", message("b"));
    var large = message("x".repeat(1_000_000));
    for (int i = 0; i < 20; i++) {
      publish(hub, "big", large);
    }
    assertThat(slow.transport.closeCode()).isEqualTo(4503);
    assertThat(slow.transport.closeReason()).contains("short of memory");
    assertThat(lessSlow.transport.closeCode()).isZero();
    assertThat(fast.received).hasSize(20);
    assertThat(metrics.count(HubMetric.CLOSED, "memory")).isEqualTo(1);
  }

  @Test
  void tenThousandQuietTopicsHoldNoMemory() {
    var hub = hub("max_subscriptions=20000");
    var names = IntStream.range(0, 10_000).mapToObj(i -> "topic." + i).toArray(String[]::new);
    var client = new Client(hub, names);
    for (var name : names) {
      hub.publish(name, List.of(message(name)));
    }
    loops.run();
    assertThat(client.received).hasSize(10_000);
    assertThat(hub.stats().memoryBytes()).isZero();
    assertThat(hub.stats().topics()).isEqualTo(10_000);
  }

  @Test
  void oneTurnFlushesASessionOnceHoweverManyTopicsItFollows() {
    var hub = hub();
    var client = new Client(hub, "a", "b", "c");
    publish(hub, "a", message("warm"));
    int before = client.transport.flushes();
    for (var topic : List.of("a", "b", "c")) {
      hub.publish(topic, List.of(message(topic + "1"), message(topic + "2")));
    }
    loops.run();
    assertThat(client.transport.flushes()).isEqualTo(before + 1);
    assertThat(client.received).containsExactly("warm", "a1", "a2", "b1", "b2", "c1", "c2");
  }

  @Test
  void answersPrecedeDataAndKeepToTheirLimits() {
    var hub = hub("outbox_messages=2", "outbox_bytes=1024");
    var client = new Client(hub, "news");
    var session = client.transport.session();
    hub.publish("news", List.of(message("data")));
    assertThat(loop.in(() -> session.send(note("one")))).isTrue();
    assertThat(loop.in(() -> session.send(note("two")))).isTrue();
    assertThat(loop.in(() -> session.send(note("three")))).isFalse();
    loops.run();
    assertThat(client.received).containsExactly("one", "two", "data");
    assertThat(loop.in(() -> session.send(note("x".repeat(2_000))))).isFalse();
    assertThat(metrics.count(HubMetric.OUTBOX_REFUSED)).isEqualTo(2);
  }

  @Test
  void anAnswerWaitsForAnUnfinishedWriteAndStandsBeforeWhatFollowed() {
    var hub = hub();
    var client = new Client(hub, "news");
    client.transport.stopReading();
    publish(hub, "news", message("one"));
    publish(hub, "news", message("two"));
    assertThat(client.transport.session().isBlocked()).isTrue();
    loop.in(() -> client.transport.session().send(note("answer")));
    loops.run();
    assertThat(client.received).isEmpty();
    loop.in(client.transport::readOn);
    loops.run();
    assertThat(client.received).containsExactly("one", "answer", "two");
    assertThat(client.transport.session().delivered()).isEqualTo(2);
  }

  @Test
  void subscribingSaysWhatItDidTopicByTopic() {
    var hub = hub("max_subscriptions=2", "max_topic_length=5");
    var client = new Client(hub, "a", "a", "", "longer name", "user:*", "b", "c");
    assertThat(client.answers)
        .containsExactly(
            new SubscribeOutcome.Subscribed("a"),
            new SubscribeOutcome.AlreadySubscribed("a"),
            new SubscribeOutcome.Refused("", "a topic needs a name"),
            new SubscribeOutcome.Refused("longer name", "the name of a topic has at most 5 bytes"),
            new SubscribeOutcome.Refused("user:*", "the name of a topic has at most 5 bytes"),
            new SubscribeOutcome.Subscribed("b"),
            new SubscribeOutcome.Refused("c", "at most 2 topics per connection"));
    assertThat(client.transport.session().topics()).containsExactlyInAnyOrder("a", "b");
    assertThat(hub.objectionToName("u:*")).contains("stand for patterns");
    assertThat(hub.objectionToPattern("u:*")).isNull();
    assertThat(hub.objectionToName("a\nb")).contains("control characters");
  }

  @Test
  void aMessageWithAKnownIdIsTakenOnce() {
    var hub = hub();
    var client = new Client(hub, "news", "other");
    publish(hub, "news", message("one").withId("x"));
    publish(hub, "news", message("again").withId("x"), message("two").withId("y"));
    publish(hub, "other", message("elsewhere").withId("x"));
    assertThat(client.received).containsExactly("one", "two", "elsewhere");
    assertThat(metrics.count(HubMetric.DUPLICATES)).isEqualTo(1);
  }

  @Test
  void theReceiptNamesTheLastOffset() {
    var hub = hub();
    var first = hub.publishAndAwait("news", List.of(message("1"), message("2")));
    var second = hub.publishAndAwait("news", List.of(message("3")));
    loops.run();
    var epoch = hub.topic("news").orElseThrow().epoch();
    assertThat(first.toCompletableFuture()).isCompletedWithValue(new Receipt.Appended(epoch, 2, 0));
    assertThat(second.toCompletableFuture())
        .isCompletedWithValue(new Receipt.Appended(epoch, 3, 0));
    assertThat(hub.publishAndAwait("*", List.of(message("4"))).toCompletableFuture().join())
        .isInstanceOf(Receipt.NotAppended.class);
    assertThat(hub.publishAndAwait("news", List.of()).toCompletableFuture())
        .isCompletedWithValue(new Receipt.Appended(epoch, 3, 0));
  }

  @Test
  void publishersAreToldWhatCannotBeTaken() {
    var hub = hub("max_message=4096", "max_topics=1", "inbox_messages=16");
    assertThat(codeOf(hub.publish("", List.of(message("x"))))).isEqualTo("E_TOPIC_NAME");
    assertThat(codeOf(hub.publish("a", List.of(message("x".repeat(4_000))))))
        .isEqualTo("E_MESSAGE_TOO_LARGE");
    assertThat(codeOf(hub.publish("a", List.of(message("x").withId("i".repeat(257))))))
        .isEqualTo("E_MESSAGE_NAME");
    var many = java.util.Collections.nCopies(17, message("x"));
    assertThat(codeOf(hub.publish("a", many))).isEqualTo("E_BATCH_TOO_LARGE");
    publish(hub, "a", message("x"));
    assertThat(codeOf(hub.publish("b", List.of(message("x"))))).isEqualTo("E_TOO_MANY_TOPICS");
    hub.close();
    assertThat(codeOf(hub.publish("a", List.of(message("x"))))).isEqualTo("E_CLOSED");
  }

  private static String codeOf(PublishOutcome outcome) {
    return outcome instanceof PublishOutcome.Refused(var problem)
        ? problem.code()
        : outcome.toString();
  }

  @Test
  void aFullInboxTellsThePublisherWhenThereIsRoom() {
    var hub = hub("inbox_messages=16");
    var ten = java.util.Collections.nCopies(10, message("x"));
    var told = new AtomicInteger();
    assertThat(hub.publish("a", ten)).isEqualTo(new PublishOutcome.Accepted(10));
    assertThat(hub.publish("a", ten)).isEqualTo(new PublishOutcome.Full());
    assertThat(hub.whenRoom("a", told::incrementAndGet)).isTrue();
    assertThat(told).hasValue(0);
    loops.run();
    assertThat(told).hasValue(1);
    assertThat(hub.publish("a", ten)).isEqualTo(new PublishOutcome.Accepted(10));
    loops.run();
    hub.whenRoom("a", told::incrementAndGet);
    loops.run();
    assertThat(told).hasValue(2);
    assertThat(metrics.count(HubMetric.REFUSED, "inbox_full")).isEqualTo(10);
  }

  @Test
  void topicsThatNobodyUsesMakeRoomForOthers() {
    var hub = hub("max_topics=2");
    publish(hub, "old", message("x"));
    var client = new Client(hub, "followed");
    assertThat(codeOf(hub.publish("new", List.of(message("x"))))).isEqualTo("E_TOO_MANY_TOPICS");
    client.subscribe("new");
    assertThat(client.answers.getLast()).isInstanceOf(SubscribeOutcome.Refused.class);
    clock.advance(Duration.ofSeconds(61));
    hub.publish("new", List.of(message("x")));
    loops.run();
    assertThat(publish(hub, "new", message("x"))).isEqualTo(new PublishOutcome.Accepted(1));
    assertThat(hub.topics()).extracting(TopicStats::name).containsExactly("followed", "new");
    loop.in(() -> client.transport.session().unsubscribe("followed"));
    assertThat(hub.topics()).extracting(TopicStats::name).containsExactly("new");
  }

  @Test
  void aMessageThatHasNoFormIsMissedAndCountedAndNothingElseIs() {
    var hub = hub();
    var client = new Client(hub, "news");
    publish(
        hub,
        "news",
        message("one"),
        new Message("unencodable", new byte[9], false, Priority.NORMAL, null, 0, null),
        message("two"));
    assertThat(client.received).containsExactly("one", "two");
    assertThat(metrics.count(HubMetric.REFUSED, "unencodable")).isEqualTo(1);
  }

  @Test
  void closingASessionTwiceAndUsingItAfterwardsDoesNothing() {
    var hub = hub();
    var client = new Client(hub, "news");
    var session = client.transport.session();
    loop.in(session::close);
    loop.in(session::close);
    assertThat(session.isClosed()).isTrue();
    assertThat(loop.in(() -> session.send(note("late")))).isFalse();
    client.subscribe("news");
    assertThat(client.answers).hasSize(1);
    assertThat(loop.in(() -> session.unsubscribe("news"))).isFalse();
    assertThat(hub.stats()).isEqualTo(new HubStats(0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void aTopicsStatisticsSayWhereItsLogEnds() {
    var hub = hub();
    new Client(hub, "news");
    publish(hub, "news", message("12345"), message("678"));
    var stats = hub.topic("news").orElseThrow();
    assertThat(stats).isEqualTo(new TopicStats("news", 1, 2, 8, stats.epoch(), 2));
    assertThat(hub.topic("nowhere")).isEmpty();
  }

  @Test
  void aHubServesTheLoopsItWasMadeFor() {
    assertThatThrownBy(() -> new Hub(HubSpec.defaults(), List.of(), clock, metrics))
        .isInstanceOf(IllegalArgumentException.class);
    var stranger = new SimulatedLoops(1).loop(0);
    assertThatThrownBy(() -> FakeClient.on(hub(), stranger, form, text -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void limitsThatContradictOneAnotherAreRefused() {
    assertThatThrownBy(() -> HubSpecs.with("chunk_size=1MiB"))
        .hasMessageContaining("chunk_size 1MiB is larger than write_pass 256KiB");
    assertThatThrownBy(() -> HubSpecs.with("max_message=4MiB", "inbox_bytes=1MiB"))
        .hasMessageContaining("max_message 4MiB is larger than inbox_bytes 1MiB");
  }
}
