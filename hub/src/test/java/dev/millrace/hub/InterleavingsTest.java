package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What loops hand to one another, in every order in which it can arrive: small scenarios, proved
/// whole. The topic belongs to loop 0; others work on loop 1 unless they say so.
class InterleavingsTest {
  private static final HubSpec SPEC =
      HubSpecs.of(
          """
          inbox_messages: 16
          max_connections: 16
          topics:
            - { match: "kept*", retention: { messages: 100 } }
            - { match: "user*", presence: true }
          """);
  private static final HubFixture NAMES = new HubFixture(2, SPEC);
  private static final String PLAIN = named("plain");
  private static final String KEPT = named("kept");
  private static final String USERS = named("user");

  private static String named(String prefix) {
    for (int i = 0; ; i++) {
      if (NAMES.hub.ownerOf(prefix + i).number() == 0) {
        return prefix + i;
      }
    }
  }

  /// One world; its constructor says what is there before.
  private abstract static class Scenario implements Interleavings.World {
    final HubFixture fixture = new HubFixture(2, SPEC);
    private final List<List<Runnable>> actors = new ArrayList<>();

    @Override
    public SimulatedLoops loops() {
      return fixture.loops;
    }

    @Override
    public List<List<Runnable>> actors() {
      return actors;
    }

    void actor(Runnable... steps) {
      actors.add(List.of(steps));
    }

    /// Publishes `first` and the numbers after it.
    void publisher(String topic, int first, int last) {
      var steps = IntStream.rangeClosed(first, last).mapToObj(Integer::toString);
      actors.add(steps.map(text -> publishing(topic, text)).toList());
    }

    private Runnable publishing(String topic, String text) {
      return () -> fixture.publish(topic, Priority.NORMAL, text);
    }

    static Runnable subscribing(HubFixture.Client client, Wanted wanted) {
      return on(client, session -> session.subscribeTo(List.of(wanted), client.answers::addAll));
    }

    static Runnable unsubscribing(HubFixture.Client client, String topic) {
      return on(client, session -> session.unsubscribe(topic));
    }

    static Runnable on(HubFixture.Client client, Consumer<Session> work) {
      return () -> client.loop.in(() -> work.accept(client.transport.session()));
    }

    static Runnable stopping(HubFixture.Client client) {
      return () -> client.transport.stopReading();
    }

    static Runnable readingOn(HubFixture.Client client) {
      return () -> client.loop.in(client.transport::readOn);
    }

    static Runnable breaking(HubFixture.Client client) {
      return () -> client.loop.in(client.transport::gone);
    }

    /// What came is part of the log, in its order, without repetition, and ends with its end.
    void checkEndsWith(HubFixture.Client client, String topic, int last) {
      fixture.publish(topic, "last");
      var log = numbers(1, last);
      log.add("last");
      assertThat(log).containsSubsequence(client.received);
      assertThat(client.received).endsWith("last");
    }

    @Override
    public void check() {
      checkScenario();
      fixture.hub.close(); // nothing is kept any more
      fixture.close();
    }

    abstract void checkScenario();
  }

  /// Messages more than the smallest scenario has.
  int more() {
    return 0;
  }

  private static List<String> numbers(int first, int last) {
    return new ArrayList<>(IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList());
  }

  private static void prove(Supplier<Interleavings.World> scenario) {
    assertThat(Interleavings.explore(scenario)).as("orders").isGreaterThan(5);
  }

  @Test
  void whoGoesAndComesBackGetsEverythingFromThenOn() {
    int last = 1 + more();
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client client = fixture.client(1);

              {
                actor(
                    subscribing(client, Wanted.all(PLAIN)),
                    unsubscribing(client, PLAIN),
                    subscribing(client, Wanted.all(PLAIN)));
                publisher(PLAIN, 1, last);
              }

              @Override
              void checkScenario() {
                assertThat(client.answers).hasSize(2);
                checkEndsWith(client, PLAIN, last);
              }
            });
  }

  @Test
  void whoLagsWhileItsLoopIsBehindMissesNothing() {
    int last = 2 + more();
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client client = fixture.client(1).subscribe(PLAIN);

              {
                actor(stopping(client), readingOn(client));
                publisher(PLAIN, 1, last);
              }

              @Override
              void checkScenario() {
                assertThat(client.received).isEqualTo(numbers(1, last));
              }
            });
  }

  @Test
  void topicsOfWhichNobodyKnowsAnyMoreAreForgotten() {
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client here = fixture.client(0);
              final HubFixture.Client there = fixture.client(1);

              {
                actor(subscribing(here, Wanted.all(PLAIN)), unsubscribing(here, PLAIN));
                actor(subscribing(there, Wanted.all(PLAIN)), breaking(there));
              }

              @Override
              void checkScenario() {
                assertThat(fixture.hub.topics()).isEmpty();
              }
            });
  }

  @Test
  void whoComesBackToAPositionGetsAllThatFollowsItOnce() {
    int last = 4 + more();
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client client = fixture.client(1);
              int before;

              {
                fixture.publish(KEPT, "1", "2", "3");
                int epoch = fixture.hub.topic(KEPT).orElseThrow().epoch();
                Function<Integer, Wanted> after =
                    offset -> Wanted.all(KEPT).after(new Position(epoch, offset));
                actor(
                    subscribing(client, after.apply(1)),
                    () -> {
                      before = client.received.size();
                      subscribing(client, after.apply(2)).run();
                    });
                publisher(KEPT, 4, last);
              }

              @Override
              void checkScenario() {
                var first = client.received.subList(0, before);
                assertThat(first).isEqualTo(numbers(2, 1 + before));
                assertThat(client.received.subList(before, client.received.size()))
                    .isEqualTo(numbers(3, last));
              }
            });
  }

  @Test
  void whoGivesUpBeforeItsPositionWasFoundLeavesNothingBehind() {
    int last = 4 + more();
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client client = fixture.client(1);

              {
                fixture.publish(KEPT, "1", "2", "3");
                int epoch = fixture.hub.topic(KEPT).orElseThrow().epoch();
                actor(
                    subscribing(client, Wanted.all(KEPT).after(new Position(epoch, 1))),
                    unsubscribing(client, KEPT),
                    subscribing(client, Wanted.all(KEPT)));
                publisher(KEPT, 4, last);
              }

              @Override
              void checkScenario() {
                assertThat(client.answers).hasSize(2);
                fixture.publish(KEPT, "last");
                assertThat(client.received).endsWith("last").doesNotHaveDuplicates();
              }
            });
  }

  private abstract static class Group extends Scenario {
    static final Wanted SHARE = Wanted.all(PLAIN).inGroup("g");
    final HubFixture.Client stays = fixture.client(0).subscribe(SHARE);
    final HubFixture.Client moves = fixture.client(1).subscribe(SHARE);
    final List<String> lost = new ArrayList<>();
    private final int last;

    Group(int last) {
      this.last = last;
      publisher(PLAIN, 1, last);
    }

    @Override
    void checkScenario() {
      readingOn(moves).run();
      fixture.loops.run();
      var all = new ArrayList<>(stays.received);
      all.addAll(moves.received);
      all.addAll(lost);
      assertThat(all).containsExactlyInAnyOrderElementsOf(numbers(1, last));
    }
  }

  @Test
  void whatAMemberJamsWithReachesTheOtherOrItselfOnce() {
    int last = 2 + more();
    prove(
        () ->
            new Group(last) {
              {
                actor(stopping(moves), readingOn(moves));
              }
            });
  }

  @Test
  void whatAMemberLeavesBehindReachesTheOther() {
    int last = 2 + more();
    prove(
        () ->
            new Group(last) {
              {
                actor(stopping(moves), unsubscribing(moves, PLAIN));
              }
            });
  }

  @Test
  void whatABrokenMemberHadNotSentReachesTheOther() {
    int last = 2 + more();
    prove(
        () ->
            new Group(last) {
              {
                actor(
                    stopping(moves),
                    () -> {
                      lost.addAll(moves.transport.inFlight());
                      breaking(moves).run();
                    });
              }
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPatternFindsATopicThatAppearsMeanwhile(int loop) {
    int last = 2 + more();
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client client = fixture.client(loop);
              int published = -1; // when the pattern was asked for

              {
                actor(
                    () -> {
                      published = (int) fixture.hub.stats().published();
                      subscribing(client, Wanted.all("*")).run();
                    });
                publisher(PLAIN, 1, last);
              }

              @Override
              void checkScenario() {
                checkEndsWith(client, PLAIN, last);
                if (loop == 0) {
                  assertThat(client.received).hasSizeGreaterThanOrEqualTo(last + 1 - published);
                }
              }
            });
  }

  @Test
  void aTopicThatIsGivenUpAndPublishedOnAgainIsFoundAgain() {
    int last = 2 + more();
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client client = fixture.client(1).subscribe("*");

              {
                fixture.publish(PLAIN, "1");
                fixture.advanceMillis(61_000);
                actor(
                    () ->
                        fixture
                            .loops
                            .loop(0)
                            .in(
                                () ->
                                    fixture
                                        .hub
                                        .ownerOf(PLAIN)
                                        .topics()
                                        .sweep(fixture.clock.nanoTime())));
                publisher(PLAIN, 2, last);
              }

              @Override
              void checkScenario() {
                checkEndsWith(client, PLAIN, last);
              }
            });
  }

  @Test
  void whoeverLeavesInWhateverOrderIsNotPresentAfterwards() {
    prove(
        () ->
            new Scenario() {
              final HubFixture.Client one = fixture.client(0).subscribe(USERS);
              final HubFixture.Client other = fixture.client(1).subscribe(USERS);

              {
                actor(
                    on(one, session -> session.identify("u").attend(USERS, new byte[] {'1'})),
                    unsubscribing(one, USERS));
                actor(
                    on(other, session -> session.identify("u").attend(USERS, new byte[] {'2'})),
                    on(other, session -> session.identify("u").leave(USERS)),
                    on(other, session -> session.identify("u").attend(USERS, new byte[] {'3'})),
                    breaking(other));
              }

              @Override
              void checkScenario() {
                var members = fixture.hub.presence(USERS).toCompletableFuture();
                fixture.loops.run();
                assertThat(members.join()).isEmpty();
                assertThat(fixture.metrics.count(HubMetric.PRESENCE_EVENTS, "join"))
                    .isEqualTo(fixture.metrics.count(HubMetric.PRESENCE_EVENTS, "leave"))
                    .isPositive();
              }
            });
  }
}
