package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What several loops do when topics would keep far more than there is memory.
class MemoryReliefTest {
  private static final int LIMIT = 16 << 20;
  private static final String YAML =
      """
      memory: 16MiB
      jam_messages: 1000000
      max_lag: 1GB
      topics: [ { match: "kept*", retention: { messages: 1000000, bytes: 1GiB } } ]
      """;

  private record Client(FakeClient client, SimulatedLoops.Loop loop) {}

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final WireForm form = new PlainForm("plain");

  private Hub hub(SimulatedLoops loops) {
    var ports = HubPorts.LOCAL.withCanonical(form);
    return new Hub(HubSpecs.of(YAML), loops.all(), clock, metrics, ports);
  }

  @Test
  void aLoopThatKeepsNothingIsGivenRoomByTheOthersBeforeASessionIsClosed() {
    var loops = new SimulatedLoops(2);
    var hub = hub(loops);
    var kept = topicOn(hub, loops.loop(0), "kept");
    var live = topicOn(hub, loops.loop(1), "live");
    for (int i = 0; i < 40; i++) {
      publish(hub, kept, 500_000);
      loops.run();
    }
    var slow = FakeClient.on(hub, loops.loop(1), form, text -> {});
    loops.loop(1).in(() -> slow.session().subscribe(List.of(live), outcomes -> {}));
    loops.run();
    slow.stopReading();
    for (int i = 0; i < 20; i++) {
      publish(hub, live, 500_000);
      loops.run();
    }
    assertThat(slow.closeCode()).isZero();
    assertThat(hub.topic(live).orElseThrow().offset()).isEqualTo(20);
    assertThat(metrics.count(HubMetric.FORGOTTEN)).isGreaterThan(20);
    for (int i = 0; i < 20; i++) {
      publish(hub, live, 500_000);
      loops.run();
    }
    assertThat(slow.closeCode()).isEqualTo(4503); // now nobody keeps anything any more
    assertThat(hub.topic(live).orElseThrow().offset()).isEqualTo(40);
    hub.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void memoryStaysWithinItsLimitAndEverythingIsTaken(int loopCount) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var loops = new SimulatedLoops(loopCount);
    var hub = hub(loops);
    var clients = new ArrayList<Client>();
    long published = 0;
    for (int step = 0; step < 6_000; step++) {
      int choice = random.nextInt(20);
      if (choice < 4) {
        var topic = (random.nextInt(4) == 0 ? "live" : "kept") + random.nextInt(12);
        publish(hub, topic, random.nextInt(10) == 0 ? 900_000 : 1 + random.nextInt(60_000));
        published++;
      } else if (choice == 4 && clients.size() < 12) {
        var loop = loops.loop(random.nextInt(loopCount));
        var client = FakeClient.on(hub, loop, form, text -> {});
        loop.in(
            () -> client.session().subscribe(List.of("kept1", "live1", "kept7"), outcomes -> {}));
        clients.add(new Client(client, loop));
      } else if (choice == 5 && !clients.isEmpty()) {
        clients.get(random.nextInt(clients.size())).client().stopReading();
      } else if (choice == 6 && !clients.isEmpty()) {
        var client = clients.get(random.nextInt(clients.size()));
        client.loop().in(client.client()::readOn);
      } else {
        loops.runOne(random);
      }
      // Beside the limit: what each loop takes in one turn, and its last chunks.
      assertThat(hub.stats().memoryBytes())
          .as("seed %d, step %d", seed, step)
          .isLessThan(LIMIT + loopCount * (3L << 20));
      clients.removeIf(client -> client.client().session().isClosed());
    }
    loops.run();
    long appended = hub.topics().stream().mapToLong(TopicStats::messages).sum();
    assertThat(appended).as("seed %d", seed).isEqualTo(published);
    assertThat(metrics.count(HubMetric.FORGOTTEN)).as("seed %d", seed).isPositive();
    clients.forEach(client -> client.loop().in(client.client()::gone));
    loops.run();
    clock.advance(Duration.ofHours(2));
    loops.run();
    assertThat(hub.stats().memoryBytes()).as("seed %d", seed).isZero();
    hub.close();
  }

  private static String topicOn(Hub hub, HubLoop loop, String prefix) {
    int number = 0;
    while (!hub.ownerOf(prefix + number).loop().equals(loop)) {
      number++;
    }
    return prefix + number;
  }

  private static void publish(Hub hub, String topic, int bytes) {
    assertThat(hub.publish(topic, List.of(Message.of("t", new byte[bytes], false, 0))))
        .isEqualTo(new PublishOutcome.Accepted(1));
  }
}
