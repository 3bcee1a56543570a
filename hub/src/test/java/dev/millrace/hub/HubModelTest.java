package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// One loop beside a naive model that keeps a list of waiting messages per session and topic.
class HubModelTest {
  private static final int STEPS = 50_000;
  private static final int MANY_STEPS = 500_000;
  private static final int JAM = 12;
  private static final List<String> TOPICS = List.of("a", "b", "c", "d");

  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final SimulatedLoops.Loop loop = loops.loop(0);
  private final Hub hub =
      new Hub(
          HubSpecs.with("jam_messages=" + JAM, "duplicate_window=50"),
          loops.all(),
          new FakeClock(),
          new Metrics());
  private final WireForm form = new PlainForm("plain");
  private final List<Published> unpublished = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();

  private record Published(String topic, Priority priority, String text) {}

  /// What the model knows of one session, and its real counterpart.
  private final class Peer {
    final List<String> expected = new ArrayList<>();
    final List<String> received = new ArrayList<>();
    final FakeClient client = FakeClient.on(hub, loop, form, received::add);
    final Map<String, List<Published>> waiting = new TreeMap<>(); // of subscribed topics
    final Map<String, Boolean> member = new HashMap<>();
    final List<String> outbox = new ArrayList<>();
    final List<String> inFlight = new ArrayList<>();
    boolean blocked;

    void turn() {
      if (!blocked) {
        give(true);
      }
      waiting.forEach(
          (topic, messages) -> {
            if (!messages.isEmpty()) {
              member.put(topic, false);
            }
          });
      if (!blocked) {
        give(false);
      }
      if (blocked) {
        relieve();
      }
    }

    private void give(boolean members) {
      var batch = new ArrayList<String>();
      waiting.forEach(
          (topic, messages) -> {
            if (member.getOrDefault(topic, false) == members) {
              messages.forEach(message -> batch.add(message.text()));
              messages.clear();
            }
          });
      if (!batch.isEmpty() || !members) {
        batch.addAll(0, outbox);
        outbox.clear();
      }
      if (client.isJammed() && !batch.isEmpty()) {
        inFlight.addAll(batch);
        blocked = true;
      } else {
        expected.addAll(batch);
        if (!members) {
          member.replaceAll((topic, was) -> true);
        }
      }
    }

    private void relieve() {
      int excess = waiting.values().stream().mapToInt(List::size).sum() - JAM;
      for (var priority : List.of(Priority.BACKGROUND, Priority.LOW, Priority.NORMAL)) {
        while (excess > 0) {
          var richest =
              waiting.values().stream()
                  .max(Comparator.comparingLong(messages -> count(messages, priority)))
                  .orElse(List.of());
          long most = count(richest, priority);
          if (most == 0) {
            break;
          }
          var first =
              waiting.values().stream()
                  .filter(messages -> count(messages, priority) == most)
                  .findFirst()
                  .orElseThrow();
          for (int i = 0; i < first.size() && excess > 0; ) {
            if (first.get(i).priority() == priority) {
              first.remove(i);
              excess--;
            } else {
              i++;
            }
          }
        }
      }
    }

    private static long count(List<Published> messages, Priority priority) {
      return messages.stream().filter(message -> message.priority() == priority).count();
    }

    void readOn() {
      expected.addAll(inFlight);
      inFlight.clear();
      blocked = false;
      loop.in(client::readOn);
    }
  }

  @Test
  void everySessionReceivesWhatAListPerSessionWouldHold() {
    walk(STEPS);
  }

  @Test
  @Tag("slow") // half a minute; each ordinary run takes other steps
  void everySessionStillDoesAfterManySteps() {
    walk(MANY_STEPS);
  }

  private void walk(int steps) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int step = 0; step < steps; step++) {
      step(random, step);
      if (step % 1_000 == 999) {
        settle();
        for (var peer : peers) {
          assertThat(byTopic(peer.received))
              .as("seed %d, step %d", seed, step)
              .isEqualTo(byTopic(peer.expected));
          peer.received.clear();
          peer.expected.clear();
        }
      }
    }
    assertThat(hub.stats().leftOut()).as("seed %d", seed).isPositive();
    peers.forEach(peer -> loop.in(peer.client::gone));
    loops.run();
    assertThat(hub.stats().memoryBytes()).as("seed %d", seed).isZero();
    assertThat(hub.stats().sessions()).isZero();
    assertThat(hub.stats().subscriptions()).isZero();
  }

  private void step(Random random, int step) {
    int choice = random.nextInt(100);
    if (choice < 40) {
      publish(random, step);
    } else if (choice < 70) {
      run();
    } else if (peers.isEmpty() || (choice < 72 && peers.size() < 6)) {
      peers.add(new Peer());
    } else {
      var peer = peers.get(random.nextInt(peers.size()));
      var topic = TOPICS.get(random.nextInt(TOPICS.size()));
      if (choice < 80) {
        subscribe(peer, topic);
      } else if (choice < 84) {
        boolean known = peer.waiting.remove(topic) != null;
        peer.member.remove(topic);
        assertThat(loop.in(() -> peer.client.session().unsubscribe(topic))).isEqualTo(known);
      } else if (choice < 90) {
        peer.client.stopReading();
      } else if (choice < 95) {
        peer.readOn();
      } else if (choice < 98) {
        var text = "note:" + step;
        if (loop.in(() -> peer.client.session().send(frame(text)))) {
          peer.outbox.add(text);
        }
      } else if (random.nextInt(10) == 0) {
        loop.in(peer.client::gone);
        peers.remove(peer);
      }
    }
  }

  private void subscribe(Peer peer, String topic) {
    boolean fresh = !peer.waiting.containsKey(topic);
    var answers = new ArrayList<SubscribeOutcome>();
    loop.in(() -> peer.client.session().subscribe(List.of(topic), answers::addAll));
    assertThat(answers)
        .containsExactly(
            fresh
                ? new SubscribeOutcome.Subscribed(topic)
                : new SubscribeOutcome.AlreadySubscribed(topic));
    if (fresh) {
      peer.waiting.put(topic, new ArrayList<>());
      peer.member.put(topic, false);
    }
  }

  private void publish(Random random, int step) {
    var topic = TOPICS.get(random.nextInt(TOPICS.size()));
    var messages = new ArrayList<Message>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      var priority = Priority.ofRank(random.nextInt(5));
      var text = topic + ":" + step + "." + i + "x".repeat(random.nextInt(40));
      unpublished.add(new Published(topic, priority, text));
      messages.add(
          Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0).withPriority(priority));
    }
    assertThat(hub.publish(topic, messages))
        .isEqualTo(new PublishOutcome.Accepted(messages.size()));
  }

  private void run() {
    for (var message : unpublished) {
      for (var peer : peers) {
        var waiting = peer.waiting.get(message.topic());
        if (waiting != null) {
          waiting.add(message);
        }
      }
    }
    unpublished.clear();
    peers.forEach(Peer::turn);
    loops.run();
  }

  private void settle() {
    run();
    peers.forEach(Peer::readOn);
    run();
    run();
  }

  /// Frames of one topic keep their order; topics among one another have none.
  private static Map<String, List<String>> byTopic(List<String> frames) {
    var topics = new TreeMap<String, List<String>>();
    for (var frame : frames) {
      topics
          .computeIfAbsent(frame.substring(0, frame.indexOf(':')), topic -> new ArrayList<>())
          .add(frame);
    }
    return topics;
  }

  private static io.netty.buffer.ByteBuf frame(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes);
  }
}
