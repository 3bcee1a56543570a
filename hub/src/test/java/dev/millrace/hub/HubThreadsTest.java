package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.SystemClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real loop threads, publishers and subscribers that come, go and stall.
class HubThreadsTest {
  private static final int TOPICS = 12;
  private static final int PER_TOPIC = 4_000;

  /// Confined to its loop, but for the counters the test reads.
  private static final class Reader extends StallingReader {
    private final long[] last = new long[TOPICS];
    private final boolean stays;
    private final AtomicInteger complete = new AtomicInteger(); // topics seen to their end
    private volatile boolean subscribed;
    private volatile String complaint = "";

    Reader(Hub hub, ThreadLoop loop, WireForm form, long seed, boolean stays) {
      super(hub, loop, form, seed, 8);
      this.stays = stays;
    }

    void subscribe() {
      var names = new ArrayList<String>();
      for (int i = 0; i < TOPICS; i++) {
        if (stays || random.nextBoolean()) {
          names.add("t" + i);
        }
      }
      if (random.nextBoolean()) {
        rewriteOrNot();
      }
      session.subscribe(names, outcomes -> subscribed = true);
    }

    /// Takes the copying path from here on, or the shared one.
    private void rewriteOrNot() {
      FrameRewriter copying =
          (frame, out) -> {
            frame.copyTo(out);
            return 1;
          };
      session.rewriteWith(random.nextBoolean() ? copying : null);
    }

    /// Comes and goes, until the end, if it does not stay.
    void move() {
      rewriteOrNot();
      int topic = random.nextInt(TOPICS);
      if (!stays && session.unsubscribe("t" + topic)) {
        last[topic] = 0;
      } else if (!stays) {
        session.subscribe(List.of("t" + topic), outcomes -> {});
      }
    }

    @Override
    public void close(int code, String reason) {
      complaint = "closed " + code + " " + reason;
    }

    @Override
    void take(String text) {
      int colon = text.indexOf(':');
      int topic = Integer.parseInt(text.substring(0, colon));
      long number = Long.parseLong(text.substring(colon + 1, text.indexOf(' ')));
      boolean expected = stays ? number == last[topic] + 1 : number > last[topic];
      if (!expected) {
        complaint = text + " follows " + last[topic];
      }
      last[topic] = number;
      if (number == PER_TOPIC) {
        complete.incrementAndGet();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void nothingIsLostDoubledOrLeakedBetweenThreads(int loopCount) throws InterruptedException {
    long seed = new Random().nextLong();
    var loops = ThreadLoop.several(loopCount);
    try (var clock = new SystemClock()) {
      var hub =
          new Hub(
              HubSpecs.with(
                  "chunk_size=4096", "write_pass=8192", "write_sessions=3", "jam_messages=1000000"),
              loops,
              clock,
              new Metrics());
      var readers = openReaders(hub, loops, seed);
      ThreadLoop.await(() -> readers.stream().allMatch(reader -> reader.subscribed), seed);
      publishFromThreads(hub, readers, seed);
      ThreadLoop.await(
          () ->
              readers.stream().allMatch(reader -> !reader.stays || reader.complete.get() == TOPICS),
          seed);
      assertThat(readers).extracting(reader -> reader.complaint).containsOnly("");
      for (var reader : readers) {
        reader.loop.execute(reader.session::close);
      }
      ThreadLoop.await(
          () -> hub.stats().memoryBytes() == 0 && hub.stats().subscriptions() == 0, seed);
    } finally {
      ThreadLoop.stop(loops);
    }
    ThreadLoop.assertNoneFailed(loops, seed);
  }

  /// A member of a queue group, confined to its loop but for what it shares with the test.
  private static final class Worker extends StallingReader {
    private final Queue<String> done;

    Worker(Hub hub, ThreadLoop loop, WireForm form, long seed, Queue<String> done) {
      super(hub, loop, form, seed, 4);
      this.done = done;
      join();
    }

    private void join() {
      session.subscribeTo(List.of(Wanted.all("work").inGroup("g")), outcomes -> {});
    }

    void comeOrGo() {
      if (!session.unsubscribe("work")) {
        join();
      }
    }

    @Override
    public void close(int code, String reason) {
      done.add("closed: " + reason);
    }

    @Override
    void take(String text) {
      done.add(text);
    }
  }

  @Test
  void aQueueGroupHandsEachMessageToOneOfItsMembersWhileOthersComeAndGo()
      throws InterruptedException {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var loops = ThreadLoop.several(3);
    var done = new ConcurrentLinkedQueue<String>();
    try (var clock = new SystemClock()) {
      var hub = new Hub(HubSpecs.with("chunk_size=4096"), loops, clock, new Metrics());
      var workers = new CopyOnWriteArrayList<Worker>();
      var form = new PlainForm("plain");
      for (int i = 0; i < 6; i++) {
        var loop = loops.get(i % 3);
        long number = seed + i;
        loop.execute(() -> workers.add(new Worker(hub, loop, form, number, done)));
        ThreadLoop.await(() -> workers.size() > 0, seed);
      }
      ThreadLoop.await(
          () -> hub.topic("work").map(topic -> topic.subscribers() == 6).orElse(false), seed);
      for (int number = 0; number < PER_TOPIC; number++) {
        var text = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        while (hub.publish("work", List.of(Message.of("t", text, false, 0)))
            instanceof PublishOutcome.Full) {
          LockSupport.parkNanos(10_000);
        }
        if (number % 20 == 0) {
          var moving = workers.get(1 + random.nextInt(5)); // the first one stays
          moving.loop.execute(moving::comeOrGo);
        }
      }
      ThreadLoop.await(() -> done.size() >= PER_TOPIC, seed);
      workers.forEach(worker -> worker.loop.execute(worker.session::close));
      ThreadLoop.await(
          () -> hub.stats().memoryBytes() == 0 && hub.stats().subscriptions() == 0, seed);
    } finally {
      ThreadLoop.stop(loops);
    }
    ThreadLoop.assertNoneFailed(loops, seed);
    assertThat(done).as("seed %d", seed).hasSize(PER_TOPIC).doesNotHaveDuplicates();
  }

  private static List<Reader> openReaders(Hub hub, List<ThreadLoop> loops, long seed)
      throws InterruptedException {
    var form = new PlainForm("plain");
    var readers = java.util.Collections.synchronizedList(new ArrayList<Reader>());
    var opened = new CountDownLatch(16);
    for (int i = 0; i < 16; i++) {
      var loop = loops.get(i % loops.size());
      int number = i;
      loop.execute(
          () -> {
            var reader = new Reader(hub, loop, form, seed + number, number < 10);
            reader.subscribe();
            readers.add(reader);
            opened.countDown();
          });
    }
    assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
    return readers;
  }

  private static void publishFromThreads(Hub hub, List<Reader> readers, long seed)
      throws InterruptedException {
    var publishers = new ArrayList<Thread>();
    for (int publisher = 0; publisher < 3; publisher++) {
      int first = publisher;
      var random = new Random(seed ^ publisher);
      publishers.add(
          Thread.ofPlatform().start(() -> publishEveryThird(hub, readers, first, random)));
    }
    for (var publisher : publishers) {
      publisher.join(30_000);
    }
  }

  private static void publishEveryThird(Hub hub, List<Reader> readers, int first, Random random) {
    for (int number = 1; number <= PER_TOPIC; number++) {
      for (int topic = first; topic < TOPICS; topic += 3) {
        var text = topic + ":" + number + " " + "x".repeat(random.nextInt(50));
        var message = Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0);
        while (hub.publish("t" + topic, List.of(message)) instanceof PublishOutcome.Full) {
          LockSupport.parkNanos(10_000);
        }
      }
      if (number % 50 == 0) {
        var reader = readers.get(random.nextInt(readers.size()));
        reader.loop.execute(reader::move);
      }
    }
  }
}
