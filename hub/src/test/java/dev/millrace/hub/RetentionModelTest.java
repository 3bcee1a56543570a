package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Clients that come back to positions, old and new, beside a model that keeps every message in a
/// list. Tasks of several loops run in random order; chunks and passes are small.
class RetentionModelTest {
  private static final int STEPS = 12_000;
  private static final int MANY_STEPS = 250_000;
  private static final int MESSAGES = 20;
  private static final int BYTES = 2_048;
  private static final int SECONDS = 50;
  private static final List<String> TOPICS =
      List.of("count1", "count2", "bytes1", "bytes2", "age1", "age2", "none1", "none2");

  private final FakeClock clock = new FakeClock();
  private final WireForm canonical = new PlainForm("plain");
  private final List<WireForm> forms =
      List.of(canonical, canonical, new PlainForm("copied"), new PlainForm("other"));
  private final Map<String, List<Kept>> logs = new HashMap<>();
  private final Map<String, Position> remembered = new HashMap<>();
  private final List<Peer> peers = new ArrayList<>();
  private SimulatedLoops loops = new SimulatedLoops(1);
  private Random random = new Random();
  private Hub hub = new Hub(HubSpec.defaults(), loops.all(), clock, new Metrics());
  private String context = "";
  private boolean jams;
  private long recoveries;
  private long replayed;

  private record Kept(int frameBytes, long atNanos) {}

  /// What a peer may receive of one topic.
  private static final class Stream {
    @Nullable Position asked; // while the answer is open
    boolean confirmed;
    int epoch;
    long last = -1; // offset, -1: not known yet
    long replayedTo; // without gaps
  }

  private final class Peer {
    final SimulatedLoops.Loop loop;
    final WireForm form;
    final FakeClient client;
    final Map<String, Stream> streams = new HashMap<>();

    Peer() {
      loop = loops.loop(random.nextInt(loops.all().size()));
      form = forms.get(random.nextInt(forms.size()));
      client = new FakeClient(this::receive);
      client.attach(loop.in(() -> hub.open(loop, form, client)));
      if (random.nextInt(4) == 0) {
        loop.in(() -> client.session().rewriteWith(RetentionModelTest::copy));
      }
    }

    void receive(String frame) {
      var parts = frame.split(":", 3);
      var stream = streams.get(parts[0]);
      long offset = Long.parseLong(parts[1]);
      assertThat(stream).as(context).isNotNull();
      assertThat(stream.confirmed).as("%s: data before the answer", context).isTrue();
      boolean mayJump = stream.last < 0 || (jams && offset > stream.replayedTo);
      if (mayJump) {
        assertThat(offset).as("%s %s", context, frame).isGreaterThan(stream.last);
        assertThat(offset).as("%s %s", context, frame).isGreaterThan(stream.replayedTo);
      } else {
        assertThat(offset).as("%s %s", context, frame).isEqualTo(stream.last + 1);
      }
      boolean copied = offset <= stream.replayedTo && form.name().equals("copied");
      assertThat(frame.endsWith("~")).as("%s %s", context, frame).isEqualTo(copied);
      replayed += offset <= stream.replayedTo ? 1 : 0;
      stream.last = offset;
    }

    void subscribe(String topic, @Nullable Position position) {
      loop.in(client::readOn); // what is in flight arrives before the answer
      if (position == null && streams.containsKey(topic)) {
        return;
      }
      var stream = new Stream();
      stream.asked = position;
      streams.put(topic, stream);
      var wanted = Wanted.all(topic);
      if (random.nextBoolean()) {
        wanted = wanted.filteredBy(frame -> true); // takes other ways and loses nothing
      }
      var asked = List.of(position == null ? wanted : wanted.after(position));
      loop.in(
          () -> client.session().subscribeTo(asked, answers -> answer(stream, answers.getFirst())));
    }

    void answer(Stream stream, SubscribeOutcome outcome) {
      if (streams.get(outcome.topic()) != stream) {
        return; // asked again meanwhile
      }
      stream.confirmed = true;
      var asked = stream.asked;
      if (asked == null) {
        assertThat(outcome).as(context).isInstanceOf(SubscribeOutcome.Subscribed.class);
        return;
      }
      var resumed = (SubscribeOutcome.Resumed) outcome;
      check(resumed, asked, form);
      stream.epoch = resumed.epoch();
      stream.last = resumed.recovered() ? asked.offset() : resumed.offset();
      stream.replayedTo = resumed.offset();
      recoveries += resumed.count() > 0 ? 1 : 0;
    }

    void unsubscribe(String topic) {
      loop.in(client::readOn);
      boolean known = streams.remove(topic) != null;
      assertThat(loop.in(() -> client.session().unsubscribe(topic))).as(context).isEqualTo(known);
    }

    void gone() {
      streams.forEach(
          (topic, stream) -> {
            if (stream.last >= 0 && stream.epoch != 0) {
              remembered.put(topic, new Position(stream.epoch, stream.last));
            }
          });
      loop.in(client::gone);
    }
  }

  private static int copy(FrameView frame, ByteBuf out) {
    frame.copyTo(out);
    return 1;
  }

  private void check(SubscribeOutcome.Resumed resumed, Position asked, WireForm form) {
    var as = context + " " + asked + " -> " + resumed + " in " + form.name();
    long end = resumed.offset();
    assertThat(end).as(as).isLessThanOrEqualTo(log(resumed.topic()).size());
    boolean known = asked.epoch() == resumed.epoch();
    if (known && asked.offset() == end) {
      assertThat(resumed.recovered()).as(as).isTrue();
    } else if (!known || asked.offset() > end || asked.offset() < 0) {
      assertThat(resumed.recovered()).as(as).isFalse();
    } else if (form.name().equals("other") || resumed.topic().startsWith("none")) {
      assertThat(resumed.recovered()).as(as).isFalse();
    } else if (isWithin(resumed.topic(), asked.offset(), end, 1.0, 0)) {
      assertThat(resumed.recovered()).as(as).isTrue();
    } else if (!isWithin(resumed.topic(), asked.offset(), end, 1.25, 1)) {
      assertThat(resumed.recovered()).as(as).isFalse();
    }
    assertThat(resumed.count()).as(as).isEqualTo(resumed.recovered() ? end - asked.offset() : 0);
  }

  /// Whether the messages after an offset are within the limits of their topic, or `factor` more
  /// and some.
  private boolean isWithin(String topic, long offset, long end, double factor, int more) {
    var missed = log(topic).subList((int) offset, (int) end);
    if (topic.startsWith("count")) {
      return missed.size() <= MESSAGES * factor + more;
    } else if (topic.startsWith("bytes")) {
      // A chunk of a quarter may begin just before.
      int bytes = missed.stream().mapToInt(Kept::frameBytes).sum();
      return bytes <= BYTES * factor + more * 1_000;
    }
    double seconds = (clock.nanoTime() - missed.getFirst().atNanos()) / 1e9;
    return seconds <= SECONDS * factor + more * 6;
  }

  private List<Kept> log(String topic) {
    return logs.computeIfAbsent(topic, name -> new ArrayList<>());
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "3, true"})
  void whoComesBackReceivesWhatAListWouldHold(int loopCount, boolean jamming) {
    walk(loopCount, jamming, STEPS);
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "3, true"})
  @Tag("slow") // each ordinary run takes other steps
  void itStillDoesAfterManySteps(int loopCount, boolean jamming) {
    walk(loopCount, jamming, MANY_STEPS);
  }

  private void walk(int loopCount, boolean jamming, int steps) {
    long seed = new Random().nextLong();
    context = "seed " + seed + ", " + loopCount + " loops, jams " + jamming;
    random = new Random(seed);
    jams = jamming;
    loops = new SimulatedLoops(loopCount);
    var spec =
        """
        chunk_size: 1024
        write_pass: 1024
        jam_messages: %d
        topics:
          - { match: "count*", retention: { messages: %d, seconds: 100000 } }
          - { match: "bytes*", retention: { messages: 100000, bytes: %d, seconds: 100000 } }
          - { match: "age*", retention: { messages: 100000, seconds: %d } }
        """
            .formatted(jams ? 10 : 1_000_000, MESSAGES, BYTES, SECONDS);
    hub =
        new Hub(
            HubSpecs.of(spec),
            loops.all(),
            clock,
            new Metrics(),
            HubPorts.LOCAL.withCanonical(canonical));
    for (int step = 0; step < steps; step++) {
      step();
      if (step % 2_000 == 1_999) {
        settle();
      }
    }
    settle();
    assertThat(recoveries).as(context).isGreaterThan(steps / 500);
    assertThat(replayed).as(context).isGreaterThan(recoveries);
    peers.forEach(Peer::gone);
    loops.run();
    assertThat(hub.stats().subscriptions()).as(context).isZero();
    clock.advance(Duration.ofSeconds(100_001));
    loops.run();
    assertThat(hub.stats().memoryBytes()).as(context).isZero();
    hub.close();
  }

  private void step() {
    int choice = random.nextInt(100);
    if (choice < 25) {
      publish();
    } else if (choice < 75) {
      loops.runOne(random);
    } else if (choice == 75) {
      loops.run();
      clock.advance(Duration.ofMillis(random.nextInt(4_000)));
    } else if (peers.isEmpty() || (choice < 78 && peers.size() < 10)) {
      peers.add(new Peer());
    } else {
      act(choice, peers.get(random.nextInt(peers.size())));
    }
  }

  private void act(int choice, Peer peer) {
    var topic = TOPICS.get(random.nextInt(TOPICS.size()));
    if (choice < 82) {
      peer.subscribe(topic, null);
    } else if (choice < 88) {
      peer.subscribe(topic, position(topic));
    } else if (choice < 90) {
      peer.unsubscribe(topic);
    } else if (choice < 93) {
      peer.client.stopReading();
    } else if (choice < 98) {
      peer.loop.in(peer.client::readOn);
    } else {
      peer.gone();
      peers.remove(peer);
    }
  }

  private Position position(String topic) {
    var stats = hub.topic(topic);
    int epoch = stats.map(TopicStats::epoch).orElse(1);
    long end = stats.map(TopicStats::offset).orElse(0L);
    var old = remembered.get(topic);
    return switch (random.nextInt(10)) {
      case 0 -> new Position(epoch + 1, end);
      case 1 -> new Position(epoch, end + random.nextInt(5));
      case 2 -> new Position(epoch, random.nextInt(3) - 1);
      case 3, 4, 5 -> old == null ? new Position(epoch, end) : old;
      default -> new Position(epoch, Math.max(0, end - random.nextInt(40)));
    };
  }

  private void publish() {
    var topic = TOPICS.get(random.nextInt(TOPICS.size()));
    var log = log(topic);
    var messages = new ArrayList<Message>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      int length = random.nextInt(40) == 0 ? random.nextInt(900) : random.nextInt(60);
      var text = topic + ":" + (log.size() + 1) + ":" + "x".repeat(length);
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      log.add(new Kept(bytes.length + 4, clock.nanoTime()));
      messages.add(
          Message.of("t", bytes, false, 0).withPriority(Priority.ofRank(random.nextInt(5))));
    }
    assertThat(hub.publish(topic, messages)).isInstanceOf(PublishOutcome.Accepted.class);
  }

  /// Everybody reads on; then nobody is behind, and what is kept is within its limits.
  private void settle() {
    loops.run();
    for (var peer : peers) {
      peer.loop.in(peer.client::readOn);
    }
    loops.run();
    for (var peer : peers) {
      assertThat(peer.client.closeCode()).as(context).isZero();
      peer.streams.forEach(
          (topic, stream) -> {
            assertThat(stream.confirmed).as("%s %s", context, topic).isTrue();
            if (stream.last >= 0 && !jams) {
              assertThat(stream.last).as("%s %s", context, topic).isEqualTo(log(topic).size());
            }
          });
    }
    for (var topic : TOPICS) {
      checkHistory(topic);
    }
    long kept = 4L * 2 * BYTES + 2L * 100_000; // counted and aged topics are small as well
    assertThat(hub.stats().memoryBytes()).as(context).isLessThan(kept);
  }

  private void checkHistory(String topic) {
    var page = hub.history(topic, 1_000);
    loops.run();
    var entries = page.toCompletableFuture().join().entries();
    long end = log(topic).size();
    if (topic.startsWith("none")) {
      assertThat(entries).as("%s %s", context, topic).isEmpty();
      return;
    }
    for (int i = 0; i < entries.size(); i++) {
      long offset = end - entries.size() + 1 + i;
      assertThat(entries.get(i).offset()).as("%s %s", context, topic).isEqualTo(offset);
      assertThat(new String(entries.get(i).payload(), StandardCharsets.UTF_8))
          .as("%s %s", context, topic)
          .startsWith(topic + ":" + offset + ":");
    }
    if (!entries.isEmpty() && !topic.startsWith("age")) {
      assertThat(isWithin(topic, entries.getFirst().offset() - 1, end, 1.25, 1))
          .as("%s %s keeps %d", context, topic, entries.size())
          .isTrue();
    }
  }
}
