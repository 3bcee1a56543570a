package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowsTest {
  private final HubFixture fixture = new HubFixture(1, "write_sessions=2");
  private final SimulatedLoops.Loop loop = fixture.loops.loop(0);

  @AfterEach
  void everythingIsGivenBack() {
    fixture.close();
  }

  @Test
  void eachTurnWritesToOneRow() {
    var clients = crowd(5);
    publish("x");
    assertThat(List.of(turn(clients), turn(clients), turn(clients))).containsExactly(2, 2, 1);
    assertThat(loop.waiting()).isZero();
  }

  @Test
  void whatIsPublishedBetweenTwoRowsReachesTheSecondAtOnceAndTheFirstInItsNextTurn() {
    var clients = crowd(4);
    publish("x");
    loop.runOne();
    publish("y");
    loop.runOne();
    assertThat(clients)
        .extracting(client -> client.received)
        .containsExactly(List.of("x"), List.of("x"), List.of("x", "y"), List.of("x", "y"));
    loop.runOne();
    assertThat(clients).allSatisfy(client -> assertThat(client.received).hasSize(2));
  }

  @Test
  void whatCameInSeveralTurnsIsOneStretchOfOneChunk() {
    crowd(6);
    publish("x");
    loop.runOne();
    for (var text : List.of("1", "2", "3", "4")) {
      publish(text);
      loop.runOne();
    }
    var topic = Objects.requireNonNull(fixture.hub.ownerOf("a").topics().get("a"));
    var lane = topic.lanes().getFirst();
    var ranges = new Ranges();
    ranges.collect(lane.tail(), 0, Long.MAX_VALUE, 1 << 20);
    assertThat(ranges.count()).isEqualTo(1);
    assertThat(ranges.messages()).isEqualTo(4);
  }

  @Test
  void whatSeveralTopicsHaveForARowLeavesInOneWritePerSession() {
    var clients = crowd(4);
    clients.forEach(client -> client.subscribe("b"));
    publish("y");
    fixture.publish("b", Priority.NORMAL, "z");
    int before = clients.getFirst().transport.flushes();
    assertThat(turn(clients)).isEqualTo(2);
    assertThat(clients.getFirst().received).containsExactlyInAnyOrder("y", "z");
    assertThat(clients.getFirst().transport.flushes() - before).isEqualTo(1);
  }

  @Test
  void theMemoryOfACrowdIsGivenBackWhenEveryRowHasBeenServed() {
    crowd(6);
    publish("x");
    loop.runOne();
    publish("y");
    loop.runOne();
    assertThat(fixture.hub.stats().memoryBytes()).isPositive();
    fixture.loops.run();
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
  }

  @Test
  void messagesThatTrickleTakeLittleMemoryAlsoWhereTheCrowdIsNeverServedForGood() {
    crowd(4);
    for (int i = 0; i < 200; i++) {
      publish("x".repeat(100));
      loop.runOne();
      fixture.clock.advance(Duration.ofMillis(60));
      assertThat(loop.waiting()).isPositive();
      assertThat(fixture.hub.stats().memoryBytes()).isLessThanOrEqualTo(4 << 10);
    }
  }

  @Test
  void aRowOfWhichNobodyFollowsTheTopicTakesNoTurn() {
    var clients = crowd(6);
    clients.subList(2, 4).forEach(client -> client.unsubscribe("a"));
    publish("x");
    assertThat(List.of(turn(clients), turn(clients))).containsExactly(2, 2);
    assertThat(loop.waiting()).isZero();
  }

  @Test
  void rowsWithFewFollowersShareATurn() {
    var clients = crowd(6);
    List.of(0, 3, 5).forEach(i -> clients.get(i).unsubscribe("a"));
    publish("x");
    assertThat(List.of(turn(clients), turn(clients))).containsExactly(2, 1);
    assertThat(loop.waiting()).isZero();
  }

  @Test
  void fewSubscribersOfManyTopicsAreAllWrittenToInOneTurn() {
    var clients = IntStream.range(0, 9).mapToObj(i -> fixture.client()).toList();
    for (int i = 0; i < 9; i++) {
      clients.get(i).subscribe("t" + i % 5);
    }
    for (int i = 0; i < 5; i++) {
      fixture.publish("t" + i, Priority.NORMAL, "x");
    }
    assertThat(turn(clients)).isEqualTo(9);
    assertThat(loop.waiting()).isZero();
  }

  @Test
  void placesOfThoseWhoAreGoneAreTakenAgain() {
    var clients = new ArrayList<>(crowd(4));
    loop.in(clients.get(1).transport::gone);
    fixture.loops.run();
    clients.set(1, fixture.client().subscribe("a"));
    publish("x");
    assertThat(List.of(turn(clients), turn(clients))).containsExactly(2, 2);
    assertThat(loop.waiting()).isZero();
  }

  @Test
  void somebodyWhoLeavesWhileTheOthersWaitTakesNothingWithHim() {
    var clients = crowd(4);
    publish("x");
    turn(clients);
    loop.in(() -> clients.get(2).transport.session().unsubscribe("a"));
    loop.in(() -> clients.get(3).transport.session().unsubscribe("a"));
    publish("y");
    fixture.loops.run();
    assertThat(clients)
        .extracting(client -> client.received)
        .containsExactly(List.of("x", "y"), List.of("x", "y"), List.of(), List.of());
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
  }

  @Test
  void socketsAreReadBetweenRowsAndAfterWhatWaitsInTheInboxUnlessThatTakesLong() {
    var narrow = new HubFixture(1, "write_sessions=2", "write_pass=1024", "chunk_size=1024");
    var simulated = narrow.loops.loop(0);
    var clients = IntStream.range(0, 4).mapToObj(i -> narrow.client().subscribe("a")).toList();
    narrow.publish("a", Priority.NORMAL, "x");
    simulated.runOne();
    assertThat(simulated.reads()).isEqualTo(1);
    narrow.loops.run();
    for (int i = 0; i < 400; i++) {
      narrow.publish("a", Priority.NORMAL, "x".repeat(100));
    }
    IntStream.range(0, 10).forEach(i -> simulated.runOne());
    assertThat(simulated.reads()).isEqualTo(1);
    narrow.clock.advance(Duration.ofMillis(50));
    simulated.runOne();
    assertThat(simulated.reads()).isEqualTo(2);
    IntStream.range(0, 10).forEach(i -> simulated.runOne());
    assertThat(simulated.reads()).isEqualTo(2);
    narrow.loops.run();
    assertThat(clients).allSatisfy(client -> assertThat(client.received).hasSize(401));
    narrow.close();
  }

  @Test
  void whoPublishesFasterThanRowsAreServedWaits() {
    var narrow = new HubFixture(1, "write_sessions=2", "write_pass=1024", "chunk_size=1024");
    var clients = IntStream.range(0, 8).mapToObj(i -> narrow.client().subscribe("a")).toList();
    var text = "x".repeat(100);
    for (int i = 0; i < 200; i++) {
      narrow.publish("a", Priority.NORMAL, text);
      narrow.loops.loop(0).runOne();
      assertThat(narrow.hub.stats().memoryBytes()).isLessThanOrEqualTo(8 << 10);
    }
    for (int i = 0; i < 200; i++) {
      narrow.publish("a", Priority.NORMAL, text);
    }
    while (narrow.loops.loop(0).runOne()) {
      assertThat(narrow.hub.stats().memoryBytes()).isLessThanOrEqualTo(8 << 10);
    }
    assertThat(clients).allSatisfy(client -> assertThat(client.received).hasSize(400));
    narrow.close();
  }

  @Test
  void whoComesWhileACrowdIsServedGetsWhatCameAfterIt() {
    var clients = crowd(4);
    publish("x");
    loop.runOne();
    var late = fixture.client();
    loop.in(() -> late.transport.session().subscribe(List.of("a"), late.answers::addAll));
    publish("y");
    fixture.loops.run();
    assertThat(late.received).containsExactly("y");
    assertThat(clients).allSatisfy(client -> assertThat(client.received).containsExactly("x", "y"));
  }

  @Test
  void aMemberThatJamsLagsAloneAndComesBackToItsRow() {
    var clients = crowd(4);
    var slow = clients.get(2);
    slow.transport.stopReading();
    fixture.publish("a", "jams", "lags");
    slow.readOn();
    assertThat(slow.received).containsExactly("jams", "lags");
    fixture.publish("a", "x");
    assertThat(clients)
        .allSatisfy(client -> assertThat(client.received).containsExactly("jams", "lags", "x"));
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
  }

  @Test
  void theTimeAMessageTookCountsFromItsPublicationForEveryRow() {
    var clients = crowd(4);
    publish("x");
    fixture.clock.advance(Duration.ofMillis(3));
    turn(clients);
    fixture.clock.advance(Duration.ofMillis(20));
    turn(clients);
    assertThat(fixture.hub.sendLatency().micros(0.5)).isBetween(2_500.0, 5_000.0);
    assertThat(fixture.hub.sendLatency().micros(0.99)).isBetween(10_000.0, 25_000.0);
  }

  private List<HubFixture.Client> crowd(int size) {
    return IntStream.range(0, size).mapToObj(i -> fixture.client().subscribe("a")).toList();
  }

  private void publish(String text) {
    fixture.publish("a", Priority.NORMAL, text);
  }

  /// Runs one turn; returns how many of `clients` it brought something.
  private int turn(List<HubFixture.Client> clients) {
    var before = clients.stream().map(client -> client.received.size()).toList();
    assertThat(loop.runOne()).isTrue();
    return (int)
        IntStream.range(0, clients.size())
            .filter(i -> clients.get(i).received.size() > before.get(i))
            .count();
  }
}
