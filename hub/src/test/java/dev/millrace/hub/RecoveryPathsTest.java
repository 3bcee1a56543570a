package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Recovery and settings of topics, together with filters, rewriters, conflation and patterns.
class RecoveryPathsTest {
  private static final FrameFilter EVEN =
      frame -> Integer.parseInt(HubFixture.text(frame).replace("~", "")) % 2 == 0;

  private final HubFixture fixture =
      new HubFixture(
          2,
          HubSpecs.of(
              """
              topics:
                - { match: "price", conflate_ms: 100, retention: { messages: 100 } }
                - { match: "quick", conflate_ms: 100 }
                - { match: "secret", audience: [feed] }
                - { match: "*", retention: { messages: 100 }, presence: true }
              """));

  @AfterEach
  void everythingIsGivenBack() {
    fixture.advanceMillis(7_200_000);
    fixture.close();
    fixture.hub.close();
    assertThat(fixture.clock.pendingTimers()).isZero();
  }

  private Position position(String topic, long offset) {
    return new Position(fixture.hub.topic(topic).orElseThrow().epoch(), offset);
  }

  private SubscribeOutcome resumed(String topic, long end, long count) {
    int epoch = fixture.hub.topic(topic).orElseThrow().epoch();
    return new SubscribeOutcome.Resumed(topic, epoch, end, true, count);
  }

  private static FrameRewriter numbering() {
    var next = new AtomicInteger();
    return (frame, out) -> {
      var text = next.getAndIncrement() + "=" + HubFixture.text(frame);
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length).writeBytes(bytes);
      return 1;
    };
  }

  @Test
  void whatIsRecoveredPassesTheFilterAndSoDoesWhatFollows() {
    fixture.publish("n", "1", "2", "3", "4", "5", "6");
    var client = fixture.client();
    client.subscribe(Wanted.all("n").filteredBy(EVEN).after(position("n", 2)));
    assertThat(client.answers).containsExactly(resumed("n", 6, 4));
    assertThat(client.takeReceived()).containsExactly("4", "6");
    fixture.publish("n", "7", "8");
    assertThat(client.received).containsExactly("8");
    assertThat(client.transport.session().delivered()).isEqualTo(3);
  }

  @Test
  void whatIsRecoveredInAnotherFormPassesTheFilterToo() {
    fixture.publish("n", "1", "2", "3", "4");
    var client = fixture.client(new PlainForm("copied"));
    client.subscribe(Wanted.all("n").filteredBy(EVEN).after(position("n", 1)));
    fixture.publish("n", "5", "6");
    assertThat(client.received).containsExactly("2~", "4~", "6");
  }

  @Test
  void whatIsRecoveredPassesTheRewriterInTheOrderOfTheSocket() {
    fixture.publish("n", "a", "b", "c");
    var client = fixture.client();
    var copied = fixture.client(new PlainForm("copied"));
    for (var each : List.of(client, copied)) {
      each.in(session -> session.rewriteWith(numbering()));
      each.subscribe(Wanted.all("n").after(position("n", 1)));
    }
    fixture.publish("n", "d");
    assertThat(client.received).containsExactly("0=b", "1=c", "2=d");
    assertThat(copied.received).containsExactly("0=b~", "1=c~", "2=d");
  }

  @Test
  void aRewriterThatFailsOnWhatIsRecoveredClosesItsSession() {
    fixture.publish("n", "a", "b");
    var copied = fixture.client(new PlainForm("copied"));
    copied.in(
        session ->
            session.rewriteWith(
                (frame, out) -> {
                  throw new IllegalStateException("cannot write this");
                }));
    copied.subscribe(Wanted.all("n").after(position("n", 0)));
    assertThat(copied.transport.closeCode()).isEqualTo(1011);
  }

  @Test
  void whatIsRecoveredGetsFreshTimestamps() {
    fixture.publish("n", "a", "b");
    fixture.advanceMillis(900);
    var client = fixture.client();
    client.in(session -> session.refreshStaleWith(numbering()));
    client.subscribe(Wanted.all("n").after(position("n", 1)));
    var copied = fixture.client(new PlainForm("copied"));
    copied.in(session -> session.refreshStaleWith(numbering()));
    copied.subscribe(Wanted.all("n").after(position("n", 1)));
    fixture.publish("n", "live");
    assertThat(client.received).containsExactly("0=b", "live");
    assertThat(copied.received).containsExactly("0=b~", "live");
  }

  @Test
  void theTopicsConflationHoldsForWhoAsksForNone() {
    fixture.publish("price", "1", "2", "3");
    var plain = fixture.client().subscribe("price");
    var back = fixture.client();
    back.subscribe(Wanted.all("price").after(position("price", 0)));
    assertThat(back.takeReceived()).as("the latest of what it missed").containsExactly("3");
    fixture.publish("price", "4");
    fixture.publish("price", "5");
    fixture.publish("price", "6");
    assertThat(plain.takeReceived()).containsExactly("4");
    fixture.advanceMillis(100);
    assertThat(plain.received).containsExactly("6");
    assertThat(back.received).containsExactly("4", "6");
  }

  @Test
  void aWishOfItsOwnCountsInsteadOfTheTopicsConflation() {
    var client = fixture.client().subscribe(Wanted.all("quick").conflated(500));
    fixture.publish("quick", "1");
    fixture.publish("quick", "2");
    fixture.advanceMillis(100);
    assertThat(client.received).containsExactly("1");
    fixture.advanceMillis(400);
    assertThat(client.received).containsExactly("1", "2");
  }

  @Test
  void aPatternGivesNoTopicWhoseAudienceTheSessionIsNot() {
    fixture.publish("secret", "old");
    fixture.publish("open", "old");
    var client = fixture.client().subscribe("*");
    fixture.publish("secret", "hush");
    fixture.publish("open", "hello");
    assertThat(client.received).containsExactly("hello");
  }

  @Test
  void aTopicOfAPatternGoesBackToAPosition() {
    fixture.publish("n", "1");
    var client = fixture.client().subscribe("n*");
    fixture.publish("n", "2", "3");
    assertThat(client.takeReceived()).containsExactly("2", "3");
    client.subscribe(Wanted.all("n").after(position("n", 1)));
    assertThat(client.takeReceived()).containsExactly("2", "3");
    assertThat(client.unsubscribe("n")).isTrue();
    fixture.publish("n", "4");
    assertThat(client.takeReceived()).as("the pattern is still there").containsExactly("4");
    assertThat(client.unsubscribe("n*")).isTrue();
    fixture.publish("n", "5");
    assertThat(client.received).isEmpty();
  }

  @Test
  void theNameMayBeGivenUpWhileItsPositionIsLookedFor() {
    var topic = fixture.topicOn(1);
    var client = fixture.client(0).subscribe("topic*");
    fixture.publish(topic, "1", "2");
    client.takeReceived();
    var wanted = List.of(Wanted.all(topic).after(position(topic, 1)));
    client.loop.in(
        () -> {
          client.transport.session().subscribeTo(wanted, client.answers::addAll);
          client.transport.session().unsubscribe(topic);
        });
    fixture.loops.run();
    fixture.publish(topic, "3");
    assertThat(client.received).containsExactly("3");
    assertThat(client.answers.getLast()).isInstanceOf(SubscribeOutcome.Refused.class);
  }

  @Test
  void patternsAndQueueGroupsHaveNoPosition() {
    fixture.publish("n", "1", "2");
    var client = fixture.client();
    var position = position("n", 0);
    client.subscribe(
        Wanted.all("m*").after(position), Wanted.all("n").inGroup("g").after(position));
    assertThat(client.answers)
        .containsExactlyInAnyOrder(
            new SubscribeOutcome.Subscribed("m*"), new SubscribeOutcome.Subscribed("n"));
    fixture.publish("n", "3");
    assertThat(client.received).containsExactly("3");
  }

  @Test
  void noPatternStandsForTheComingsAndGoingsOnATopic() {
    var watcher = fixture.client().subscribe("n");
    watcher.in(session -> session.identify("ann").follow("n"));
    fixture.loops.run();
    var pattern = fixture.client().subscribe("*");
    var other = fixture.client().subscribe("n");
    other.in(session -> session.identify("bob").attend("n", "{}".getBytes(StandardCharsets.UTF_8)));
    fixture.loops.run();
    assertThat(watcher.received).singleElement().asString().contains("bob");
    var late = fixture.client().subscribe("?*");
    other.unsubscribe("n");
    fixture.loops.run();
    assertThat(watcher.received).hasSize(2);
    assertThat(pattern.received).isEmpty();
    assertThat(late.received).isEmpty();
  }

  @Test
  void presenceThatAPatternCarriedEndsWithIt() {
    fixture.publish("n", "1");
    var client = fixture.client().subscribe("n*");
    client.in(
        session ->
            assertThat(session.identify("ann").attend("n", "{}".getBytes(StandardCharsets.UTF_8)))
                .isNull());
    assertThat(present("n")).hasSize(1);
    client.unsubscribe("n*");
    assertThat(present("n")).isEmpty();
  }

  private List<PresenceMember> present(String topic) {
    var members = fixture.hub.presence(topic);
    fixture.loops.run();
    return members.toCompletableFuture().join();
  }

  @Test
  void aTopicThatKeepsMessagesIsNotForgottenForItsPatterns() {
    fixture.publish("n", "1", "2");
    fixture.client().subscribe("n*");
    fixture.advanceMillis(61_000);
    var owner = fixture.hub.ownerOf("n");
    fixture.loops.loop(owner.number()).in(() -> owner.topics().sweep(fixture.clock.nanoTime()));
    fixture.loops.run();
    assertThat(fixture.hub.topic("n")).isPresent();
    var back = fixture.client();
    back.subscribe(Wanted.all("n").after(position("n", 1)));
    assertThat(back.received).containsExactly("2");
  }
}
