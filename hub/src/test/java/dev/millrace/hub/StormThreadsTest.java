package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.SystemClock;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Real loop threads that run out of memory again and again, with sessions that ask for everything
/// there is, stall, break and come back: no loop fails, publishers go on, and all is given back.
class StormThreadsTest {
  private static final int PUBLICATIONS = 3_000;
  private static final List<String> NAMES =
      List.of("kept0", "kept1", "kept2", "live0", "live1", "live2", "*", "kept*", "live?");
  private static final WireForm CANONICAL = new PlainForm("plain");

  /// One connection after another, confined to its loop.
  private static final class Peer implements SessionTransport {
    private final Hub hub;
    private final ThreadLoop loop;
    private final WireForm form;
    private final Random random;
    private final List<ByteBuf> unread = new ArrayList<>();
    private Session session;
    private boolean stalled;

    Peer(Hub hub, ThreadLoop loop, WireForm form, long seed) {
      this.hub = hub;
      this.loop = loop;
      this.form = form;
      this.random = new Random(seed);
      this.session = hub.open(loop, form, this);
    }

    void act() {
      if (session.isClosed()) {
        session = hub.open(loop, form, this);
      }
      var name = NAMES.get(random.nextInt(NAMES.size()));
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> session.subscribeTo(List.of(wanted(name)), outcomes -> {});
        case 4, 5 -> session.unsubscribe(name);
        case 6 -> session.rewriteWith(random.nextBoolean() ? Peer::copy : null);
        case 7, 8, 9, 10 -> readOn();
        default -> end();
      }
    }

    private Wanted wanted(String name) {
      var wanted = Wanted.all(name);
      int epoch = hub.topic(name).map(TopicStats::epoch).orElse(0);
      return switch (random.nextInt(6)) {
        case 0 -> wanted.inGroup("g");
        case 1 -> wanted.conflated(1 + random.nextInt(20));
        case 2 -> wanted.filteredBy(frame -> frame.offset() % 2 == 0);
        case 3 -> wanted.after(new Position(epoch, Math.max(0, random.nextInt(400))));
        default -> wanted;
      };
    }

    private static int copy(FrameView frame, ByteBuf out) {
      frame.copyTo(out);
      return 1;
    }

    void end() {
      session.close();
      drop();
    }

    private void readOn() {
      drop();
      if (stalled) {
        stalled = false;
        session.writable();
      }
    }

    private void drop() {
      unread.forEach(ByteBuf::release);
      unread.clear();
    }

    @Override
    public void write(ByteBuf frames) {
      unread.add(frames);
    }

    @Override
    public boolean flush() {
      stalled = random.nextInt(3) == 0;
      if (!stalled) {
        drop();
      }
      return !stalled;
    }

    @Override
    public boolean maySkip() {
      return random.nextInt(4) > 0;
    }

    @Override
    public void close(int code, String reason) {
      stalled = false;
      drop();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whateverComesNoLoopFailsAndAllIsGivenBack(int loopCount) throws InterruptedException {
    long seed = new Random().nextLong();
    var loops = ThreadLoop.several(loopCount);
    var metrics = new Metrics();
    try (var clock = new SystemClock()) {
      var spec =
          """
          memory: 16MiB
          chunk_size: 64KiB
          write_pass: 64KiB
          write_sessions: 4
          jam_messages: 1000
          max_lag: 1GB
          inbox_messages: 256
          delivery: { group_queue: 8 }
          topics: [ { match: "kept*", retention: { messages: 100000, bytes: 1GiB } } ]
          """;
      var ports = HubPorts.LOCAL.withCanonical(CANONICAL);
      var hub = new Hub(HubSpecs.of(spec), loops, clock, metrics, ports);
      var peers = open(hub, loops, seed);
      var publishers = List.of(publisher(hub, peers, seed), publisher(hub, peers, ~seed));
      for (var publisher : publishers) {
        publisher.join(30_000);
        assertThat(publisher.isAlive()).as("seed %d: publishing goes on", seed).isFalse();
      }
      peers.forEach(peer -> peer.loop.execute(peer::end));
      ThreadLoop.await(
          () -> hub.stats().subscriptions() == 0 && hub.stats().waitingMessages() == 0, seed);
      hub.close();
      ThreadLoop.await(() -> hub.stats().memoryBytes() == 0, seed);
    } finally {
      ThreadLoop.stop(loops);
    }
    ThreadLoop.assertNoneFailed(loops, seed);
    assertThat(metrics.count(HubMetric.FORGOTTEN)).as("seed %d", seed).isPositive();
  }

  private static List<Peer> open(Hub hub, List<ThreadLoop> loops, long seed) {
    var forms = List.of(CANONICAL, new PlainForm("copied"), new PlainForm("other"));
    var peers = new CopyOnWriteArrayList<Peer>();
    for (int i = 0; i < 24; i++) {
      int number = i;
      var loop = loops.get(i % loops.size());
      loop.execute(() -> peers.add(new Peer(hub, loop, forms.get(number % 3), seed + number)));
    }
    ThreadLoop.await(() -> peers.size() == 24, seed);
    return peers;
  }

  private static Thread publisher(Hub hub, List<Peer> peers, long seed) {
    var random = new Random(seed);
    return Thread.ofPlatform()
        .start(
            () -> {
              for (int i = 0; i < PUBLICATIONS; i++) {
                var topic = NAMES.get(random.nextInt(6));
                int size = random.nextInt(4) == 0 ? random.nextInt(60_000) : random.nextInt(3_000);
                var message = Message.of("t", new byte[size + 1], false, 0);
                var prioritised = message.withPriority(Priority.ofRank(random.nextInt(5)));
                while (hub.publish(topic, List.of(prioritised)) instanceof PublishOutcome.Full) {
                  LockSupport.parkNanos(50_000);
                }
                var peer = peers.get(random.nextInt(peers.size()));
                peer.loop.execute(peer::act);
              }
            });
  }
}
