package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that see from each frame where it stands, and are told before they see a gap.
class GapsTest {
  private static final int STEPS = 1_000;
  private static final List<String> TOPICS = List.of("a", "b", "c");

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();

  /// Frames that name their topic and place, `topic offset`.
  private static final class PlacedForm implements WireForm {
    @Override
    public String name() {
      return "placed";
    }

    @Override
    public boolean showsGaps() {
      return true;
    }

    @Override
    public int sizeLimit(Message message) {
      return 300;
    }

    @Override
    public int encode(Message message, Stamp stamp, ByteBuf out) {
      frame(stamp.topic() + " " + stamp.offset(), out);
      return -1;
    }
  }

  private static ByteBuf frame(String text, ByteBuf out) {
    out.writeInt(ByteBufUtil.utf8Bytes(text));
    out.writeCharSequence(text, StandardCharsets.UTF_8);
    return out;
  }

  /// A client that keeps what it got and checks its order.
  private static final class Follower implements SessionTransport {
    final List<String> received = new ArrayList<>();
    final Map<String, Long> at = new HashMap<>();
    final FakeClient client = new FakeClient(this::received);
    int notes;

    private void received(String text) {
      received.add(text);
      boolean note = text.startsWith("!");
      var words = text.substring(note ? 1 : 0).split(" ", 2);
      long offset = Long.parseLong(words[1]);
      long known = at.getOrDefault(words[0], 0L);
      if (note) {
        assertThat(offset).as("%s after %s", text, at).isGreaterThan(known);
        notes++;
      } else {
        assertThat(offset).as("%s after %s", text, at).isEqualTo(known + 1);
      }
      at.put(words[0], offset);
    }

    @Override
    public void skipped(String topic, int epoch, long offset) {
      client.session().send(frame("!" + topic + " " + offset, Unpooled.buffer()));
    }

    @Override
    public void write(ByteBuf frames) {
      client.write(frames);
    }

    @Override
    public boolean flush() {
      return client.flush();
    }

    @Override
    public void close(int code, String reason) {
      client.close(code, reason);
    }
  }

  private static Message message(Priority priority) {
    return Message.of("t", new byte[] {'1'}, false, 0).withPriority(priority);
  }

  private Hub hub(SimulatedLoops loops, String... keys) {
    return new Hub(HubSpecs.with(keys), loops.all(), clock, metrics);
  }

  private static Follower follower(Hub hub, SimulatedLoops.Loop loop, List<String> topics) {
    var follower = new Follower();
    follower.client.attach(loop.in(() -> hub.open(loop, new PlacedForm(), follower)));
    loop.in(() -> follower.client.session().subscribe(topics, outcomes -> {}));
    return follower;
  }

  @Test
  void whoGoesWithoutSomethingIsToldOnceForEachGap() {
    var loops = new SimulatedLoops(1);
    var hub = hub(loops, "jam_messages=3");
    var follower = follower(hub, loops.loop(0), List.of("a"));
    loops.run();
    follower.client.stopReading();
    var order =
        List.of(
            Priority.NORMAL, // in flight
            Priority.LOW,
            Priority.LOW,
            Priority.HIGH,
            Priority.LOW,
            Priority.LOW,
            Priority.HIGH,
            Priority.NORMAL);
    for (var priority : order) {
      hub.publish("a", List.of(message(priority)));
      loops.run();
    }
    loops.loop(0).in(follower.client::readOn);
    loops.run();
    hub.publish("a", List.of(message(Priority.NORMAL)));
    loops.run();
    assertThat(follower.received)
        .containsExactly("a 1", "!a 3", "a 4", "!a 6", "a 7", "a 8", "a 9");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void noClientSeesAGapThatItWasNotTold(long seed) {
    var random = new Random(seed);
    var loops = new SimulatedLoops(2);
    var hub = hub(loops, "jam_messages=10", "write_pass=4KiB", "chunk_size=1KiB");
    var followers = new ArrayList<Follower>();
    for (int i = 0; i < 6; i++) {
      followers.add(follower(hub, loops.loop(i % 2), TOPICS.subList(0, 1 + i % 3)));
    }
    loops.run();
    var published = new HashMap<String, Long>();
    for (int step = 0; step < STEPS; step++) {
      var follower = followers.get(random.nextInt(followers.size()));
      var loop = loops.loop(followers.indexOf(follower) % 2);
      switch (random.nextInt(8)) {
        case 0 -> follower.client.stopReading();
        case 1 -> loop.in(follower.client::readOn);
        default -> {
          var topic = TOPICS.get(random.nextInt(TOPICS.size()));
          int count = 1 + random.nextInt(5);
          for (int i = 0; i < count; i++) {
            hub.publish(topic, List.of(message(Priority.nearest(1 + random.nextInt(10)))));
          }
          published.merge(topic, (long) count, Long::sum);
        }
      }
      if (random.nextBoolean()) {
        loops.run();
      }
    }
    int notes = 0;
    for (int i = 0; i < followers.size(); i++) {
      var follower = followers.get(i);
      loops.loop(i % 2).in(follower.client::readOn);
      loops.run();
      assertThat(follower.client.closeCode()).as("seed %d", seed).isZero();
      for (var topic : TOPICS.subList(0, 1 + i % 3)) {
        assertThat(follower.at.get(topic))
            .as("seed %d, %s of %d", seed, topic, i)
            .isEqualTo(published.get(topic));
      }
      notes += follower.notes;
      loops.loop(i % 2).in(follower.client::gone);
    }
    loops.run();
    assertThat(notes).as("seed %d", seed).isPositive();
    assertThat(hub.stats().memoryBytes()).isZero();
  }
}
