package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages whose frames are made beside the loop.
class LateFramesTest {
  private static final int ROOM = 6;
  private static final int STEPS = 4_000;

  private final LateForm slow =
      new LateForm("copied", message -> message.payload()[0] == '~', ROOM, "~");
  private HubFixture fixture = new HubFixture(2);

  @AfterEach
  void everythingIsGivenBack() {
    while (!slow.isIdle()) {
      slow.finish(0); // whoever waited for it is gone
    }
    fixture.close();
    assertThat(fixture.hub.stats().waitingMessages()).isZero();
  }

  private void finish(int number) {
    slow.finish(number);
    fixture.loops.run();
  }

  @Test
  void whatTakesLongKeepsItsPlaceAndNobodyElseWaits() {
    var client = fixture.client(slow).subscribe("n", "m");
    var other = fixture.client().subscribe("n");
    fixture.publish("n", "1", "~2", "3", "~4", "5");
    fixture.publish("m", "other topic");
    assertThat(client.takeReceived()).containsExactlyInAnyOrder("1", "other topic");
    assertThat(other.received).containsExactly("1", "~2", "3", "~4", "5");
    assertThat(fixture.hub.stats().waitingMessages()).isEqualTo(4);
    assertThat(fixture.hub.stats().memoryBytes()).isPositive();
    finish(1); // the fourth
    assertThat(client.received).isEmpty();
    finish(0);
    assertThat(client.received).containsExactly("~2~", "3", "~4~", "5");
    assertThat(client.transport.session().savings().frames()).isEqualTo(2);
    assertThat(client.transport.session().savings().bytes()).isEqualTo(6);
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
    assertThat(fixture.metrics.count(HubMetric.LATE, "made")).isEqualTo(2);
  }

  @Test
  void whatCannotBeMadeOrFindsNoRoomGoesOutAsItIs() {
    var client = fixture.client(slow).subscribe("n");
    fixture.publish("n", "~lost!");
    finish(0);
    assertThat(client.takeReceived()).containsExactly("~lost!");
    for (int i = 0; i < ROOM + 2; i++) {
      fixture.publish("n", "~" + i);
    }
    assertThat(client.received).isEmpty();
    while (!slow.isIdle()) {
      finish(0);
    }
    assertThat(client.received)
        .containsExactly("~0~", "~1~", "~2~", "~3~", "~4~", "~5~", "~6", "~7");
    assertThat(fixture.metrics.count(HubMetric.LATE, "plain")).isEqualTo(3);
  }

  @Test
  void tooMuchBehindALongMessageEndsTheWaiting() {
    fixture = new HubFixture(1, "compression.background_bytes=1MiB");
    var client = fixture.client(slow).subscribe("n");
    fixture.publish("n", "~long");
    var text = "x".repeat(100_000);
    for (int i = 0; i < 11; i++) {
      fixture.publish("n", text);
      assertThat(client.received).hasSize(i < 10 ? 0 : 12);
    }
    assertThat(client.takeReceived()).first().isEqualTo("~long");
    finish(0);
    fixture.publish("n", "next");
    assertThat(client.received).containsExactly("next");
  }

  @Test
  void whoComesBackToAPositionGetsEachMessageOnce() {
    fixture =
        new HubFixture(
            1,
            HubSpecs.of(
                """
                topics:
                  - { match: "*", retention: { messages: 100 } }
                """));
    var waits = fixture.client(slow).subscribe("n");
    fixture.publish("n", "1", "~2", "3");
    var position = new Position(fixture.hub.topic("n").orElseThrow().epoch(), 1);
    var client = fixture.client(slow);
    client.subscribe(Wanted.all("n").after(position));
    fixture.publish("n", "4");
    finish(0);
    assertThat(waits.received).containsExactly("1", "~2", "3", "4");
    assertThat(client.received).containsExactly("~2~", "3~", "4");
    fixture.advanceMillis(7_200_000);
    fixture.hub.close();
  }

  @Test
  void whoLeavesBeforeItIsMadeIsNotWaitedFor() {
    var client = fixture.client(slow).subscribe("n");
    fixture.publish("n", "~1", "2");
    client.unsubscribe("n");
    assertThat(fixture.hub.stats().waitingMessages()).isZero();
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
    finish(0);
    assertThat(client.received).isEmpty();
    client.subscribe("n");
    fixture.publish("n", "3");
    assertThat(client.received).containsExactly("3");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whateverTakesLongEverySessionGetsAllInOrder(int loops) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    fixture = new HubFixture(loops, "chunk_size=1024", "write_pass=1024", "jam_messages=1000000");
    var clients =
        IntStream.range(0, 4)
            .mapToObj(i -> fixture.new Client(i % loops, i < 3 ? slow : fixture.form))
            .toList();
    clients.forEach(client -> client.subscribe("a", "b"));
    var expected = new ArrayList<String>();
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          var mark = random.nextInt(3) == 0 ? "~" : "";
          var text = mark + (random.nextBoolean() ? "a" : "b") + step + (step % 7 == 0 ? "!" : "");
          expected.add(text);
          fixture.publish(text.contains("a") ? "a" : "b", Priority.NORMAL, text);
        }
        case 3 -> slow.finishAny(random);
        case 4 -> clients.get(random.nextInt(4)).transport.stopReading();
        case 5 -> {
          var client = clients.get(random.nextInt(4));
          client.loop.in(client.transport::readOn);
        }
        default -> fixture.loops.runOne(random);
      }
    }
    clients.forEach(HubFixture.Client::readOn);
    fixture.loops.run();
    while (!slow.isIdle()) {
      slow.finishAny(random);
      fixture.loops.run();
    }
    for (var client : clients) {
      client.readOn();
      for (var topic : List.of("a", "b")) {
        assertThat(plain(client.received, topic))
            .as("seed %d", seed)
            .isEqualTo(plain(expected, topic));
      }
    }
    assertThat(fixture.hub.stats().memoryBytes()).as("seed %d", seed).isZero();
    assertThat(fixture.hub.stats().waitingMessages()).as("seed %d", seed).isZero();
  }

  private static List<String> plain(List<String> texts, String topic) {
    return texts.stream()
        .filter(text -> text.contains(topic))
        .map(text -> text.endsWith("~") ? text.substring(0, text.length() - 1) : text)
        .toList();
  }
}
