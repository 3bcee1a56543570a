package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.SystemClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real loop threads and publishers; subscribers that leave and come back to where they were.
class RecoveryThreadsTest {
  private static final int TOPICS = 6;
  private static final int PER_TOPIC = 3_000;
  private static final WireForm CANONICAL = new PlainForm("plain");

  /// Confined to its loop, but for the fields the test reads.
  private static final class Reader extends StallingReader {
    private final long[] last = new long[TOPICS];
    private final int[] epochs = new int[TOPICS];
    private final AtomicInteger complete = new AtomicInteger(); // topics seen to their end
    private final AtomicInteger comebacks = new AtomicInteger();
    private volatile String complaint = "";

    Reader(Hub hub, ThreadLoop loop, WireForm form, long seed) {
      super(hub, loop, form, seed, 4);
      for (int topic = 0; topic < TOPICS; topic++) {
        comeBack(topic);
      }
    }

    /// Goes on behind the last message that it has.
    void comeBack(int topic) {
      read();
      if (random.nextBoolean()) {
        session.unsubscribe("t" + topic);
      }
      var position = new Position(epochs[topic], last[topic]);
      session.subscribeTo(
          List.of(Wanted.from("t" + topic, position)),
          outcomes -> {
            if (outcomes.getFirst() instanceof SubscribeOutcome.Resumed resumed) {
              answer(topic, position, resumed);
            }
          });
    }

    private void answer(int topic, Position position, SubscribeOutcome.Resumed resumed) {
      if (epochs[topic] == 0) {
        epochs[topic] = resumed.epoch();
        if (resumed.offset() > 0) {
          comeBack(topic); // from the beginning, now that the epoch is known
        }
      } else if (!resumed.recovered() || resumed.count() != resumed.offset() - position.offset()) {
        complain(position + " became " + resumed);
      }
    }

    void move() {
      comeBack(random.nextInt(TOPICS));
      comebacks.incrementAndGet();
    }

    @Override
    public void close(int code, String reason) {
      complain("closed " + code + " " + reason);
    }

    private void complain(String what) {
      if (complaint.isEmpty()) {
        complaint = what;
      }
    }

    @Override
    void take(String text) {
      var parts = text.split("[: ]", -1);
      int topic = Integer.parseInt(parts[0]);
      long number = Long.parseLong(parts[1]);
      if (number != last[topic] + 1) {
        complain(text + " follows " + last[topic]);
      }
      last[topic] = number;
      if (number == PER_TOPIC) {
        complete.incrementAndGet();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whoComesBackMissesNothingBetweenThreads(int loopCount) throws InterruptedException {
    long seed = new Random().nextLong();
    var loops = ThreadLoop.several(loopCount);
    try (var clock = new SystemClock()) {
      var spec =
          """
          chunk_size: 4096
          write_pass: 8192
          write_sessions: 4
          jam_messages: 1000000
          topics: [ { match: "t*", retention: { messages: 10000 } } ]
          """;
      var ports = HubPorts.LOCAL.withCanonical(CANONICAL);
      var hub = new Hub(HubSpecs.of(spec), loops, clock, new Metrics(), ports);
      var readers = openReaders(hub, loops, seed);
      ThreadLoop.await(() -> readers.size() == 12, seed);
      publish(hub, readers, new Random(seed));
      ThreadLoop.await(
          () -> readers.stream().allMatch(reader -> reader.complete.get() == TOPICS), seed);
      assertThat(readers)
          .as("seed %d", seed)
          .extracting(reader -> reader.complaint)
          .containsOnly("");
      assertThat(readers.stream().mapToInt(reader -> reader.comebacks.get()).sum())
          .isGreaterThan(100);
      for (var reader : readers) {
        reader.loop.execute(reader.session::close);
      }
      ThreadLoop.await(() -> hub.stats().subscriptions() == 0, seed);
      assertThat(hub.stats().memoryBytes()).isLessThan(TOPICS * (4 << 20));
      hub.close();
    } finally {
      ThreadLoop.stop(loops);
    }
    ThreadLoop.assertNoneFailed(loops, seed);
  }

  private static List<Reader> openReaders(Hub hub, List<ThreadLoop> loops, long seed) {
    var forms = List.of(CANONICAL, new PlainForm("copied"));
    var readers = Collections.synchronizedList(new ArrayList<Reader>());
    for (int i = 0; i < 12; i++) {
      int number = i;
      var loop = loops.get(i % loops.size());
      var form = forms.get(i % 4 == 3 ? 1 : 0);
      loop.execute(() -> readers.add(new Reader(hub, loop, form, seed + number)));
    }
    return readers;
  }

  private static void publish(Hub hub, List<Reader> readers, Random random) {
    for (int number = 1; number <= PER_TOPIC; number++) {
      for (int topic = 0; topic < TOPICS; topic++) {
        var text = topic + ":" + number + " " + "x".repeat(random.nextInt(50));
        var message = Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0);
        while (hub.publish("t" + topic, List.of(message)) instanceof PublishOutcome.Full) {
          LockSupport.parkNanos(10_000);
        }
      }
      if (number % 10 == 0) {
        var reader = readers.get(random.nextInt(readers.size()));
        reader.loop.execute(reader::move);
      }
    }
  }
}
