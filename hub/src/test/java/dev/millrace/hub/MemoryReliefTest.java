package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.ByteBuf;
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

  @Test
  void aTopicWhoseOnlySubscriberIsClosedInTheTurnThatPublishesGoesOn() {
    var loops = new SimulatedLoops(1);
    var hub = hub(loops);
    long published = 0;
    for (int round = 1; round <= 4; round++) {
      var slow = subscriber(hub, loops.loop(0), "live", new ArrayList<>());
      slow.stopReading();
      while (!slow.session().isClosed()) {
        for (int i = 0; i < 3; i++) { // in one turn
          publish(hub, "live", 20_000 * round + i);
          published++;
        }
        loops.run();
      }
      assertThat(slow.closeCode()).isEqualTo(4503);
      assertThat(hub.topic("live").orElseThrow().offset()).isEqualTo(published);
      assertThat(hub.stats().memoryBytes()).isZero();
    }
    var received = new ArrayList<String>();
    var next = subscriber(hub, loops.loop(0), "live", received);
    publish(hub, "live", 1);
    loops.run();
    assertThat(received).hasSize(1);
    loops.loop(0).in(next::gone);
    loops.run();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoHoldsMostIsClosedWhenUnfinishedWritesAloneTakeAllMemory(boolean copying) {
    var random = new Random(1);
    var loops = new SimulatedLoops(2);
    var hub = hub(loops);
    var clients = new ArrayList<Client>();
    for (int i = 0; i < 80; i++) {
      var loop = loops.loop(i % 2);
      var client = subscriber(hub, loop, copying ? "live" : "live" + i, new ArrayList<>());
      if (copying) {
        loop.in(() -> client.session().rewriteWith(MemoryReliefTest::copy));
      }
      client.stopReading();
      clients.add(new Client(client, loop));
    }
    var received = new ArrayList<String>();
    var reading = subscriber(hub, loops.loop(1), "other", received);
    for (int i = 0; i < (copying ? 1 : 80); i++) {
      publish(hub, copying ? "live" : "live" + i, 230_000);
    }
    for (int i = 0; i < 2_000; i++) {
      loops.runOne(random);
    }
    publish(hub, "other", 1);
    for (int i = 0; i < 2_000; i++) {
      loops.runOne(random);
    }
    assertThat(received).as("the others go on").hasSize(1);
    assertThat(clients).anyMatch(client -> client.client().closeCode() == 4503);
    assertThat(clients).anyMatch(client -> !client.client().session().isClosed());
    assertThat(hub.stats().memoryBytes()).isLessThan(LIMIT + (1 << 20));
    clients.add(new Client(reading, loops.loop(1)));
    clients.forEach(client -> client.loop().in(client.client()::gone));
    loops.run();
    assertThat(hub.stats().memoryBytes()).isZero();
  }

  @Test
  void aLoopThatIsAskedForMemoryAndDoesNotGetToItIsAskedOnce() {
    var loops = new SimulatedLoops(2);
    var hub = hub(loops);
    var kept = topicOn(hub, loops.loop(0), "kept");
    var live = topicOn(hub, loops.loop(1), "live");
    for (int i = 0; i < 40; i++) {
      publish(hub, kept, 500_000);
      loops.run();
    }
    var slow = subscriber(hub, loops.loop(1), live, new ArrayList<>());
    slow.stopReading();
    for (int i = 0; i < 100; i++) {
      publish(hub, live, 100_000);
    }
    for (int i = 0; i < 2_000; i++) {
      loops.loop(1).runOne();
    }
    assertThat(loops.loop(0).waiting()).isLessThan(3);
    loops.run();
    assertThat(hub.topic(live).orElseThrow().offset()).isEqualTo(100);
    loops.loop(1).in(slow::gone);
    hub.close();
    loops.run();
    assertThat(hub.stats().memoryBytes()).isZero();
  }

  private static int copy(FrameView frame, ByteBuf out) {
    frame.copyTo(out);
    return 1;
  }

  private FakeClient subscriber(
      Hub hub, SimulatedLoops.Loop loop, String topic, List<String> received) {
    var client = FakeClient.on(hub, loop, form, received::add);
    loop.in(() -> client.session().subscribe(List.of(topic), outcomes -> {}));
    loop.all().run();
    return client;
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
