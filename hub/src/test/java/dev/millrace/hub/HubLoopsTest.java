package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several loops whose tasks run in random order, with chunks and passes so small that every
/// message crosses their borders.
class HubLoopsTest {
  private static final int STEPS = 15_000;

  private final List<String> topics = new ArrayList<>();
  private final Map<String, List<String>> logs = new HashMap<>();
  private final List<Peer> peers = new ArrayList<>();
  private final WireForm form = new PlainForm("plain");
  private final WireForm otherForm = new PlainForm("other");

  private static final class Peer {
    private final SimulatedLoops.Loop loop;
    private final FakeClient client;
    private final Map<String, List<String>> received = new HashMap<>();
    private final Set<String> confirmed = new HashSet<>();
    private final Map<String, Integer> answered = new HashMap<>();

    Peer(Hub hub, SimulatedLoops.Loop loop, WireForm form) {
      this.loop = loop;
      this.client = FakeClient.on(hub, loop, form, this::receive);
    }

    private void receive(String frame) {
      var topic = frame.substring(0, frame.indexOf(':'));
      assertThat(confirmed).as("data before the answer").contains(topic);
      received.computeIfAbsent(topic, name -> new ArrayList<>()).add(frame);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everySubscriptionReceivesAStretchOfTheLogWithoutGaps(int loopCount) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var loops = new SimulatedLoops(loopCount);
    var hub =
        new Hub(
            HubSpecs.with("chunk_size=1024", "write_pass=1024", "jam_messages=1000000"),
            loops.all(),
            new FakeClock(),
            new Metrics());
    for (int i = 0; i < 8; i++) {
      topics.add("t" + i);
      logs.put("t" + i, new ArrayList<>());
    }
    for (int step = 0; step < STEPS; step++) {
      int choice = random.nextInt(100);
      if (choice < 25) {
        publish(hub, random, step);
      } else if (choice < 80) {
        loops.runOne(random);
      } else if (peers.isEmpty() || (choice < 82 && peers.size() < 8)) {
        peers.add(
            new Peer(
                hub,
                loops.loop(random.nextInt(loopCount)),
                random.nextBoolean() ? form : otherForm));
      } else {
        act(choice, peers.get(random.nextInt(peers.size())), random, seed);
      }
    }
    loops.run();
    for (var peer : peers) {
      peer.loop.in(peer.client::readOn);
    }
    loops.run();
    for (var peer : peers) {
      for (var topic : peer.confirmed) {
        check(peer, topic, logs.getOrDefault(topic, List.of()).size(), seed);
      }
      assertThat(peer.client.largestFlush()).as("seed %d", seed).isLessThan(4 * 1024);
    }
    assertThat(hub.stats().memoryBytes()).as("caught up, seed %d", seed).isZero();
    for (var peer : peers) {
      peer.loop.in(peer.client::gone);
    }
    loops.run();
    assertThat(hub.stats().memoryBytes()).as("closed, seed %d", seed).isZero();
    assertThat(hub.stats().subscriptions()).isZero();
  }

  private void act(int choice, Peer peer, Random random, long seed) {
    var topic = topics.get(random.nextInt(topics.size()));
    var session = peer.client.session();
    if (choice < 88) {
      var filtered = Wanted.all(topic).filteredBy(frame -> frame.length() > 0);
      var wanted = random.nextBoolean() ? filtered : Wanted.all(topic);
      var several = List.of(wanted, Wanted.all(topics.get(random.nextInt(topics.size()))), wanted);
      peer.loop.in(() -> session.subscribeTo(several, outcomes -> confirm(peer, outcomes)));
    } else if (choice < 91) {
      peer.loop.in(peer.client::readOn); // what is in flight arrives even after unsubscribing
      boolean known = peer.loop.in(() -> session.unsubscribe(topic));
      if (known && peer.confirmed.remove(topic)) {
        check(peer, topic, -1, seed);
      }
      peer.received.remove(topic);
    } else if (choice < 94) {
      peer.client.stopReading();
    } else if (choice < 99) {
      peer.loop.in(peer.client::readOn);
    } else if (random.nextInt(3) > 0) {
      FrameRewriter copying =
          (frame, out) -> {
            frame.copyTo(out);
            return 1;
          };
      peer.loop.in(() -> session.rewriteWith(random.nextBoolean() ? copying : null));
    } else {
      peer.loop.in(peer.client::gone);
      peers.remove(peer);
    }
  }

  private void confirm(Peer peer, List<SubscribeOutcome> outcomes) {
    for (var outcome : outcomes) {
      if (outcome instanceof SubscribeOutcome.Subscribed(var topic)) {
        peer.confirmed.add(topic);
        peer.answered.put(topic, logs.getOrDefault(topic, List.of()).size());
      }
    }
  }

  private void publish(Hub hub, Random random, int step) {
    var topic = topics.get(random.nextInt(topics.size()));
    var messages = new ArrayList<Message>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int length = random.nextInt(50) == 0 ? random.nextInt(2_000) : random.nextInt(60);
      var text = topic + ":" + step + "." + i + "x".repeat(length);
      logs.getOrDefault(topic, new ArrayList<>()).add(text);
      messages.add(Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0));
    }
    assertThat(hub.publish(topic, messages)).isInstanceOf(PublishOutcome.Accepted.class);
  }

  /// What came is one stretch of the log; it began between the question and the answer, and ended
  /// at `end` if that is known. Messages that had been published but not appended when the answer
  /// came may be part of it or not, so its beginning is bounded only from above.
  private void check(Peer peer, String topic, int end, long seed) {
    var log = logs.getOrDefault(topic, List.of());
    var received = peer.received.getOrDefault(topic, List.of());
    int answered = peer.answered.getOrDefault(topic, 0);
    if (received.isEmpty()) {
      return; // the log may have ended before it began
    }
    int begin = log.indexOf(received.getFirst());
    assertThat(begin).as("seed %d, %s", seed, topic).isNotNegative();
    assertThat(begin).as("seed %d, %s", seed, topic).isLessThanOrEqualTo(answered);
    assertThat(received)
        .as("seed %d, %s", seed, topic)
        .isEqualTo(log.subList(begin, begin + received.size()));
    if (end >= 0) {
      assertThat(begin + received.size()).as("seed %d, %s", seed, topic).isEqualTo(end);
    }
  }
}
