package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sessions with rewriters, filters, conflation, patterns and names on one loop, which jam, in
/// random order, beside a list of the messages each would have wanted. With small passes everything
/// is copied in pieces.
class CopyModelTest {
  private static final int STEPS = 6_000;
  private static final int MANY_STEPS = 250_000;
  private static final int SETTLE = 500;
  private static final int JAM = 20;
  private static final List<String> TOPICS = List.of("a", "b", "ab", "ba", "c");
  private static final List<String> NAMES =
      List.of("a", "b", "ab", "ba", "c", "*", "?", "a*", "*b", "??", "x*");

  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final SimulatedLoops.Loop loop = loops.loop(0);
  private final FakeClock clock = new FakeClock();
  private final WireForm form = new PlainForm("plain");
  private final List<Peer> peers = new ArrayList<>();
  private final Map<String, TopicPattern> matchers = new HashMap<>();
  private Hub hub;
  private Mode mode = Mode.EXACT;
  private long leftOut; // as of the last check
  private long missing; // of sessions that are gone

  @SuppressWarnings("NullAway") // walk makes the hub
  CopyModelTest() {}

  /// What happens besides, and so how much can be said.
  enum Mode {
    EXACT,
    LEAVES_OUT,
    CONFLATES,
    /// Everything at once, and wishes change while messages are on their way.
    WILD
  }

  /// Keeps texts whose number has that remainder; a negative one keeps all.
  private record Wish(int conflateMillis, int keptRemainder) {
    boolean keeps(int number) {
      return keptRemainder < 0 || number % 3 == keptRemainder;
    }

    Wanted wanted(String name) {
      var wanted = Wanted.all(name).conflated(conflateMillis);
      return keptRemainder < 0
          ? wanted
          : wanted.filteredBy(frame -> keeps(number(HubFixture.text(frame))));
    }
  }

  private static int number(String text) {
    return Integer.parseInt(text.substring(text.indexOf(':') + 1, text.indexOf(' ')));
  }

  private static String topic(String text) {
    return text.substring(0, text.indexOf(':'));
  }

  private final class Peer {
    final Map<String, Wish> wishes = new TreeMap<>();
    final Set<String> conflated = new HashSet<>(); // topics, since the last check
    final List<String> expected = new ArrayList<>();
    final List<String> received = new ArrayList<>();
    final FakeClient client = FakeClient.on(hub, loop, form, this::receive);
    private long nextNumber;
    private boolean rewrites;

    private void receive(String text) {
      if (text.startsWith("#")) {
        int equals = text.indexOf('=');
        assertThat(Long.parseLong(text.substring(1, equals))).isEqualTo(nextNumber++);
        received.add(text.substring(equals + 1));
      } else {
        received.add(text);
      }
    }

    void rewrite() {
      loop.in(client::readOn);
      rewrites = !rewrites;
      nextNumber = 0;
      var next = new long[1];
      FrameRewriter rewriter =
          (frame, out) -> {
            write("#" + next[0]++ + "=" + HubFixture.text(frame), out);
            return 1;
          };
      loop.in(() -> client.session().rewriteWith(rewrites ? rewriter : null));
    }

    private List<Wish> wishesFor(String topic) {
      return wishes.entrySet().stream()
          .filter(wish -> matches(wish.getKey(), topic))
          .map(Map.Entry::getValue)
          .toList();
    }

    boolean wants(String topic, int number) {
      return wishesFor(topic).stream().anyMatch(wish -> wish.keeps(number));
    }

    void noteConflated() {
      for (var topic : TOPICS) {
        var all = wishesFor(topic);
        if (!all.isEmpty() && all.stream().allMatch(wish -> wish.conflateMillis() > 0)) {
          conflated.add(topic);
        }
      }
    }
  }

  private boolean matches(String name, String topic) {
    return matchers.computeIfAbsent(name, TopicPattern::of).matches(topic);
  }

  private static void write(String text, ByteBuf out) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length).writeBytes(bytes);
  }

  @ParameterizedTest
  @EnumSource
  void everySessionReceivesWhatItsWishesAskForAndNothingElse(Mode walk) {
    walk(walk, STEPS);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("slow") // a minute each; each ordinary run takes other steps
  void everySessionStillDoesAfterManySteps(Mode walk) {
    walk(walk, MANY_STEPS);
  }

  private void walk(Mode walk, int steps) {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    mode = walk;
    boolean jams = mode == Mode.LEAVES_OUT || mode == Mode.WILD;
    var limit = "jam_messages=" + (jams ? JAM : 1_000_000);
    hub =
        new Hub(
            HubSpecs.with(limit, "chunk_size=1024", "write_pass=1024"),
            loops.all(),
            clock,
            new Metrics());
    for (int step = 0; step < steps; step++) {
      step(random, step);
      if (step % SETTLE == SETTLE - 1) {
        settle();
        check("seed " + seed + ", step " + step);
      }
    }
    assertThat(hub.stats().leftOut() > 0).as("seed %d", seed).isEqualTo(jams);
    peers.forEach(peer -> loop.in(peer.client::gone));
    loops.run();
    assertThat(hub.stats().memoryBytes()).as("seed %d", seed).isZero();
    assertThat(hub.stats().subscriptions()).as("seed %d", seed).isZero();
  }

  private void step(Random random, int step) {
    int choice = random.nextInt(100);
    if (choice < 45) {
      publish(random, step);
    } else if (choice < 75) {
      loops.run();
    } else if (choice < 80) {
      clock.advance(Duration.ofMillis(random.nextInt(60)));
    } else if (peers.isEmpty() || (choice < 82 && peers.size() < 6)) {
      loops.run(); // what was published before it is not for it
      peers.add(new Peer());
    } else {
      act(choice, peers.get(random.nextInt(peers.size())), random);
    }
  }

  private void act(int choice, Peer peer, Random random) {
    var session = peer.client.session();
    if (choice < 90) {
      if (mode != Mode.WILD) {
        settle(); // what is on its way belongs to the wishes of before
      }
      var name = NAMES.get(random.nextInt(NAMES.size()));
      boolean conflates = mode == Mode.CONFLATES || mode == Mode.WILD;
      if (peer.wishes.remove(name) != null) {
        assertThat(loop.in(() -> session.unsubscribe(name))).isTrue();
      } else {
        var wish = new Wish(conflates && random.nextInt(3) < 2 ? 50 : 0, random.nextInt(5) - 2);
        peer.wishes.put(name, wish);
        loop.in(() -> session.subscribeTo(List.of(wish.wanted(name)), outcomes -> {}));
      }
      peer.noteConflated();
      assertThat(session.topics()).isEqualTo(peer.wishes.keySet());
    } else if (choice < 94) {
      peer.client.stopReading();
    } else if (choice < 97) {
      loop.in(peer.client::readOn);
    } else if (choice < 99) {
      settle();
      peer.rewrite();
    } else if (random.nextInt(20) == 0) {
      settle();
      missing += peer.expected.size() - peer.received.size();
      loop.in(peer.client::gone);
      peers.remove(peer);
    }
  }

  private void publish(Random random, int step) {
    var topic = TOPICS.get(random.nextInt(TOPICS.size()));
    var messages = new ArrayList<Message>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      var priority = random.nextInt(4) == 0 ? Priority.HIGH : Priority.ofRank(random.nextInt(3));
      int number = step * 4 + i;
      var mark = priority == Priority.HIGH ? " !" : " ";
      var text = topic + ":" + number + mark + "x".repeat(random.nextInt(40));
      messages.add(
          Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0).withPriority(priority));
      for (var peer : peers) {
        if (mode == Mode.WILD || peer.wants(topic, number)) {
          peer.expected.add(text);
        }
      }
    }
    assertThat(hub.publish(topic, messages)).isInstanceOf(PublishOutcome.Accepted.class);
  }

  private void settle() {
    loops.run();
    for (int i = 0; i < 3; i++) {
      peers.forEach(peer -> loop.in(peer.client::readOn));
      loops.run();
      clock.advance(Duration.ofMillis(50));
      loops.run();
    }
  }

  private void check(String where) {
    for (var peer : peers) {
      var received = byTopic(peer.received);
      var expected = byTopic(peer.expected);
      assertThat(expected.keySet()).as(where).containsAll(received.keySet());
      expected.forEach(
          (topic, texts) ->
              check(where, peer, topic, texts, received.getOrDefault(topic, List.of())));
      missing += peer.expected.size() - peer.received.size();
      peer.expected.clear();
      peer.received.clear();
      peer.conflated.clear();
      peer.noteConflated();
    }
    if (mode == Mode.LEAVES_OUT) {
      assertThat(hub.stats().leftOut() - leftOut).as(where).isEqualTo(missing);
    }
    leftOut = hub.stats().leftOut();
    missing = 0;
    assertThat(hub.stats().memoryBytes()).as(where).isZero();
  }

  private void check(
      String where, Peer peer, String topic, List<String> expected, List<String> received) {
    if (mode == Mode.EXACT || (mode == Mode.CONFLATES && !peer.conflated.contains(topic))) {
      assertThat(received).as(where).isEqualTo(expected);
      return;
    }
    if (!received.isEmpty()) {
      assertThat(expected).as(where).containsSubsequence(received);
    }
    if (mode == Mode.LEAVES_OUT) {
      assertThat(received).as(where).containsAll(important(expected));
    } else if (mode == Mode.CONFLATES) {
      assertThat(received).as(where).endsWith(expected.getLast());
    }
  }

  private static List<String> important(List<String> texts) {
    return texts.stream().filter(text -> text.contains("!")).toList();
  }

  private static Map<String, List<String>> byTopic(List<String> texts) {
    var topics = new TreeMap<String, List<String>>();
    for (var text : texts) {
      topics.computeIfAbsent(topic(text), fresh -> new ArrayList<>()).add(text);
    }
    return topics;
  }
}
