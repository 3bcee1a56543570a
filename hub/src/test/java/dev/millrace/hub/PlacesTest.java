package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Topics whose places somebody else gives, for several hubs at once.
class PlacesTest {
  private final SimulatedLoops loops = new SimulatedLoops(2);
  private final WireForm form = new PlainForm("plain");
  private final Elsewhere broker = new Elsewhere();
  private final FakeClock clock = new FakeClock();
  private final List<Client> clients = new ArrayList<>();
  private final Hub hub =
      new Hub(
          HubSpecs.of("topics: [{ match: \"kept*\", retention: { messages: 1000 } }]"),
          loops.all(),
          clock,
          new Metrics(),
          HubPorts.LOCAL.withCanonical(form).withBroker(broker));

  /// Hears of a topic when the test says so.
  private static final class Elsewhere implements Broker {
    final Map<String, CompletableFuture<Receipt>> hearing = new HashMap<>();
    final List<String> told = new ArrayList<>();
    boolean hears = true;
    private @Nullable Delivery back;

    @Override
    public void attach(Delivery local) {
      back = local;
    }

    @Override
    public PublishOutcome publish(Publication publication, Delivery local) {
      return local.deliver(publication);
    }

    @Override
    public @Nullable CompletionStage<?> follow(String topic) {
      told.add("+" + topic);
      return hears ? null : hearing.computeIfAbsent(topic, name -> new CompletableFuture<>());
    }

    @Override
    public boolean remembers() {
      return true;
    }

    @Override
    public void unfollow(String topic) {
      told.add("-" + topic);
    }

    @Override
    public @Nullable CompletionStage<?> followPattern(String pattern) {
      told.add("+" + pattern);
      return hears ? null : hearing.computeIfAbsent(pattern, name -> new CompletableFuture<>());
    }

    @Override
    public void unfollowPattern(String pattern) {
      told.add("-" + pattern);
    }

    Delivery hub() {
      return java.util.Objects.requireNonNull(back);
    }
  }

  private final class Client {
    final List<String> received = new ArrayList<>();
    final List<SubscribeOutcome> answers = new ArrayList<>();
    final SimulatedLoops.Loop loop;
    final FakeClient transport;

    Client(int loop) {
      this.loop = loops.loop(loop);
      transport = FakeClient.on(hub, this.loop, form, received::add);
      clients.add(this);
    }

    Client subscribe(Wanted... wanted) {
      loops.loop(0).in(() -> transport.session().subscribeTo(List.of(wanted), answers::addAll));
      loops.run();
      return this;
    }

    void unsubscribe(String topic) {
      loops.loop(0).in(() -> transport.session().unsubscribe(topic));
      loops.run();
    }
  }

  /// A topic whose loop is that of most clients here.
  private String keptOnFirstLoop() {
    return onFirstLoop("kept");
  }

  private String onFirstLoop(String prefix) {
    return IntStream.range(0, 100)
        .mapToObj(i -> prefix + i)
        .filter(name -> hub.ownerOf(name).number() == 0)
        .findFirst()
        .orElseThrow();
  }

  private Client client() {
    return new Client(0);
  }

  /// Messages that stand at `epoch` from `first` on; their texts are their ids too.
  private void place(String topic, int epoch, long first, String... texts) {
    deliver(topic, new Position(epoch, first), texts);
  }

  private void deliver(String topic, @Nullable Position first, String... texts) {
    deliver(topic, first, false, texts);
  }

  private void past(String topic, int epoch, long first, String... texts) {
    deliver(topic, new Position(epoch, first), true, texts);
  }

  private void deliver(String topic, @Nullable Position first, boolean past, String... texts) {
    var messages = new ArrayList<Message>();
    for (var text : texts) {
      messages.add(Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0).withId(text));
    }
    assertThat(broker.hub().deliver(new Publication(topic, messages, null, first, past)))
        .isEqualTo(new PublishOutcome.Accepted(texts.length));
    loops.run();
  }

  private TopicStats stats(String topic) {
    return hub.topic(topic).orElseThrow();
  }

  private static SubscribeOutcome resumed(
      String topic, int epoch, long end, boolean recovered, long count) {
    return new SubscribeOutcome.Resumed(topic, epoch, end, recovered, count);
  }

  private static Wanted after(String topic, int epoch, long offset) {
    return Wanted.all(topic).after(new Position(epoch, offset));
  }

  @AfterEach
  void everythingIsGivenBack() {
    clients.forEach(client -> client.loop.in(client.transport::gone));
    loops.run();
    clock.advance(Duration.ofHours(2));
    loops.run();
    assertThat(hub.stats().memoryBytes()).isZero();
    hub.close();
  }

  @Test
  void aTopicStandsWhereItIsToldTo() {
    place("kept", 7, 40, "a", "b", "c");
    assertThat(stats("kept").epoch()).isEqualTo(7);
    assertThat(stats("kept").offset()).isEqualTo(42);
    var client = client().subscribe(after("kept", 7, 40));
    assertThat(client.answers).containsExactly(resumed("kept", 7, 42, true, 2));
    place("kept", 7, 43, "d");
    assertThat(client.received).containsExactly("b", "c", "d");
  }

  @Test
  void whatStoodThereBeforeIsNotAppendedAgain() {
    place("kept", 7, 1, "a", "b");
    var client = client().subscribe(Wanted.all("kept"));
    place("kept", 7, 1, "a", "b", "c");
    assertThat(client.received).containsExactly("c");
    assertThat(stats("kept").offset()).isEqualTo(3);
  }

  @Test
  void nothingIsRecoveredAcrossAGap() {
    place("kept", 7, 1, "a", "b");
    place("kept", 7, 5, "e");
    var client = client().subscribe(after("kept", 7, 2));
    assertThat(client.answers).containsExactly(resumed("kept", 7, 5, false, 0));
    assertThat(client().subscribe(after("kept", 7, 4)).received).containsExactly("e");
  }

  @Test
  void anotherEpochBeginsALogOfItsOwn() {
    place("kept", 7, 1, "a", "b");
    var client = client().subscribe(Wanted.all("kept"));
    place("kept", 8, 1, "c", "d");
    assertThat(client.received).containsExactly("c", "d");
    assertThat(client().subscribe(after("kept", 7, 1)).answers)
        .containsExactly(resumed("kept", 8, 2, false, 0));
    assertThat(client().subscribe(after("kept", 8, 1)).received).containsExactly("d");
  }

  @Test
  void offsetsThatGoOnInAnotherEpochAreNotMistakenForTheOldOnes() {
    place("kept", 7, 1, "a", "b");
    place("kept", 8, 3, "c");
    assertThat(client().subscribe(after("kept", 8, 1)).answers)
        .containsExactly(resumed("kept", 8, 3, false, 0));
  }

  @Test
  void whatHasNoPlaceStandsInAnEpochOfItsOwnUntilPlacesGoOn() {
    place("kept", 7, 1, "a");
    var client = client().subscribe(Wanted.all("kept"));
    deliver("kept", null, "alone", "too");
    int own = stats("kept").epoch();
    assertThat(own).isNotEqualTo(7);
    assertThat(stats("kept").offset()).isEqualTo(2);
    place("kept", 7, 2, "b");
    assertThat(stats("kept").epoch()).isEqualTo(7);
    assertThat(stats("kept").offset()).isEqualTo(2);
    assertThat(client.received).containsExactly("alone", "too", "b");
  }

  @Test
  void aPlaceWithoutAMessageIsPassedOverAndNotRecoveredAcross() {
    place("kept", 7, 1, "a", "b");
    place("kept", 7, 3);
    assertThat(stats("kept").offset()).isEqualTo(3);
    place("kept", 7, 4, "d");
    assertThat(client().subscribe(after("kept", 7, 2)).answers)
        .containsExactly(resumed("kept", 7, 4, false, 0));
    assertThat(client().subscribe(after("kept", 7, 3)).received).containsExactly("d");
  }

  @Test
  void aMessageThatIsKnownTakesItsPlaceAndIsNotDeliveredAgain() {
    deliver("kept", null, "a");
    var client = client().subscribe(Wanted.all("kept"));
    place("kept", 7, 1, "a", "b");
    assertThat(client.received).containsExactly("b");
    assertThat(stats("kept").offset()).isEqualTo(2);
  }

  @Test
  void aTopicThatIsToldItsEndStandsThere() {
    place("kept", 7, 9);
    place("kept", 7, 9);
    assertThat(stats("kept").offset()).isEqualTo(9);
    assertThat(client().subscribe(after("kept", 7, 9)).answers)
        .containsExactly(resumed("kept", 7, 9, true, 0));
  }

  @Test
  void whoSubscribesWaitsUntilTheTopicIsHeardAndIsNotSentWhatWasBefore() {
    var kept = keptOnFirstLoop();
    broker.hears = false;
    var plain = client().subscribe(Wanted.all(kept));
    var back = client().subscribe(after(kept, 7, 1));
    var far = new Client(1);
    loops
        .loop(1)
        .in(
            () ->
                far.transport
                    .session()
                    .subscribeTo(List.of(after(kept, 7, 2)), far.answers::addAll));
    loops.run();
    assertThat(plain.answers).isEmpty();
    past(kept, 7, 1, "a", "b", "c");
    assertThat(plain.answers).isEmpty();
    var receipt = java.util.Objects.requireNonNull(broker.hearing.get(kept));
    broker.hub().deliver(new Publication(kept, List.of(), receipt));
    place(kept, 7, 4, "d");
    assertThat(plain.answers).containsExactly(new SubscribeOutcome.Subscribed(kept));
    assertThat(plain.received).containsExactly("d");
    assertThat(back.answers).containsExactly(resumed(kept, 7, 3, true, 2));
    assertThat(back.received).containsExactly("b", "c", "d");
    assertThat(far.received).containsExactly("c", "d");
  }

  @Test
  void theHistoryOfATopicThatNobodyHereWantedIsFetchedToo() {
    broker.hears = false;
    var page = hub.history("kept", 2).toCompletableFuture();
    var other = hub.history("forgotten", 2).toCompletableFuture();
    loops.run();
    assertThat(page).isNotDone();
    assertThat(other).isCompleted();
    past("kept", 7, 1, "a", "b", "c");
    var receipt = java.util.Objects.requireNonNull(broker.hearing.get("kept"));
    broker.hub().deliver(new Publication("kept", List.of(), receipt));
    loops.run();
    assertThat(page.join().offset()).isEqualTo(3);
    assertThat(page.join().frames()).extracting(HistoryPage.Kept::offset).containsExactly(2L, 3L);
    var none = hub.history("kept.none", 2).toCompletableFuture();
    loops.run();
    java.util.Objects.requireNonNull(broker.hearing.get("kept.none"))
        .completeExceptionally(new RuntimeException("away"));
    loops.run();
    assertThat(none.join().offset()).isZero();
    assertThat(broker.told).contains("-kept.none").doesNotContain("+forgotten");
  }

  @Test
  void aMessageOfATopicThatIsNotHeardYetReachesThoseWhoWait() {
    broker.hears = false;
    var kept = keptOnFirstLoop();
    var byPattern = client().subscribe(Wanted.all("kept*"));
    heard("kept*");
    past(kept, 7, 1, "a");
    place(kept, 7, 2, "b");
    assertThat(byPattern.received).containsExactly("b");
    broker.hearing.values().forEach(one -> one.cancel(false));
    place(kept, 7, 3, "c");
    assertThat(byPattern.received).containsExactly("b", "c");
  }

  @Test
  void thatATopicCannotBeHeardKeepsNobodyOut() {
    broker.hears = false;
    var client = client().subscribe(Wanted.all("a"), Wanted.all("b").inGroup("g"));
    assertThat(client.answers).isEmpty();
    broker.hearing.values().forEach(one -> one.completeExceptionally(new RuntimeException("no")));
    loops.run();
    assertThat(client.answers).hasSize(2);
    deliver("a", null, "x");
    assertThat(client.received).containsExactly("x");
  }

  private void heard(String name) {
    java.util.Objects.requireNonNull(broker.hearing.remove(name))
        .complete(new Receipt.Appended(0, 0, 0));
    loops.run();
  }

  @Test
  void whoSubscribesToAPatternIsAnsweredWhenItIsHeard() {
    broker.hears = false;
    var client = client().subscribe(Wanted.all("user:*"));
    var far = new Client(1);
    loops
        .loop(1)
        .in(
            () ->
                far.transport
                    .session()
                    .subscribeTo(List.of(Wanted.all("user:*")), far.answers::addAll));
    loops.run();
    var leaving = client().subscribe(Wanted.all("user:*"));
    leaving.unsubscribe("user:*");
    assertThat(leaving.answers).hasOnlyElementsOfType(SubscribeOutcome.Refused.class).hasSize(1);
    assertThat(client.answers).isEmpty();
    assertThat(far.answers).isEmpty();
    heard("user:*");
    assertThat(client.answers).containsExactly(new SubscribeOutcome.Subscribed("user:*"));
    assertThat(far.answers).containsExactly(new SubscribeOutcome.Subscribed("user:*"));
    assertThat(leaving.answers).hasSize(1);
    broker.hears = true;
    var user = onFirstLoop("user:");
    deliver(user, null, "x");
    deliver(user, null, "y");
    assertThat(client.received).containsExactly("x", "y");
    assertThat(far.received).endsWith("y");
    assertThat(leaving.received).isEmpty();
    var later = client().subscribe(Wanted.all("user:*"));
    assertThat(later.answers).hasSize(1);
  }

  @Test
  void theBrokerIsToldWhatIsWanted() {
    var client = client().subscribe(Wanted.all("a"), Wanted.all("user:*"));
    client.unsubscribe("a");
    client.unsubscribe("user:*");
    assertThat(broker.told).containsExactlyInAnyOrder("+a", "+user:*", "-a", "-user:*");
  }

  /// Two hubs are delivered the same log, each with pieces missing, repeated and mixed with
  /// messages of its own; whoever changes from one to the other misses nothing without being told.
  @Test
  void whoChangesHubsHasEveryMessageOnceOrIsTold() {
    for (long seed = 1; seed <= 200; seed++) {
      var test = new PlacesTest();
      test.walk(seed);
      test.everythingIsGivenBack();
    }
  }

  private void walk(long seed) {
    var random = new SplittableRandom(seed);
    int epoch = 1;
    long end = 0;
    var position = new Position(epoch, 0);
    long delivered = 0; // up to here the hub was given the epoch
    for (int step = 0; step < 60; step++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          epoch++;
          end = 0;
          delivered = 0;
        }
        case 1 -> deliver("kept", null, "own" + step);
        case 2 -> delivered = end; // a piece is missing
        case 3 -> {
          var from = position;
          var client = client().subscribe(after("kept", from.epoch(), from.offset()));
          var outcome = (SubscribeOutcome.Resumed) client.answers.getFirst();
          if (outcome.recovered()) {
            var expected = new ArrayList<String>();
            for (long o = from.offset() + 1; o <= outcome.offset(); o++) {
              expected.add(from.epoch() + "." + o);
            }
            assertThat(client.received).as("seed %s step %s", seed, step).isEqualTo(expected);
          } else {
            assertThat(client.received).as("seed %s step %s", seed, step).isEmpty();
          }
          position = new Position(epoch, end == 0 ? 0 : random.nextLong(end + 1));
        }
        default -> {
          int count = 1 + random.nextInt(4);
          long first = delivered + 1 - Math.min(delivered, random.nextInt(3));
          end = Math.max(end, first + count - 1);
          delivered = first + count - 1;
          int now = epoch;
          place(
              "kept",
              epoch,
              first,
              IntStream.range(0, count)
                  .mapToObj(i -> now + "." + (first + i))
                  .toArray(String[]::new));
        }
      }
    }
  }
}
