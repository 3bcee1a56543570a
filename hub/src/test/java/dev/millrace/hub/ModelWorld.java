package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// A hub on simulated loops and what a naive model knows of it: a list per topic, who is on a
/// topic, what a queue group has handed out, what has been left out.
final class ModelWorld {
  static final List<String> NAMED = List.of("kept1", "kept2", "live1", "live2", "work");
  static final List<String> MATCHED = List.of("p0", "p1", "p2", "p3");
  static final int KEPT = 20; // messages
  private static final int IDS = 16;
  private static final int JAM = 8;

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final WireForm canonical = new PlainForm("plain");
  private final LateForm late =
      new LateForm("other", message -> message.payload().length % 3 == 0, 4, "");
  private final List<WireForm> forms = List.of(canonical, canonical, new PlainForm("copied"), late);
  private final Map<String, ModelLog> logs = new HashMap<>();
  private final Map<Priority, Long> leftOut = new EnumMap<>(Priority.class);
  private final BitSet sharedOut = new BitSet(); // offsets of the group's topic
  private final SimulatedLoops loops;
  private final Random random;
  private final boolean skips;
  private final Hub hub;
  private String context;
  private long recoveries;

  /// With `skips` sessions go without messages; otherwise they may lag as far as they like.
  ModelWorld(long seed, int loopCount, boolean skips) {
    this.context = "seed " + seed + ", " + loopCount + " loops, skips " + skips;
    this.random = new Random(seed);
    this.skips = skips;
    this.loops = new SimulatedLoops(loopCount);
    var spec =
        """
        chunk_size: 1024
        write_pass: 1024
        write_sessions: %d
        duplicate_window: %d
        jam_messages: %d
        max_lag: 1GB
        memory: 1GiB
        delivery: { group_queue: 5 }
        topics:
          - match: "kept*"
            retention: { messages: %d, seconds: 1000000 }
            presence: true
        """
            .formatted(1 + random.nextInt(4), IDS, skips ? JAM : 1_000_000, KEPT);
    this.hub =
        new Hub(
            HubSpecs.of(spec),
            loops.all(),
            clock,
            metrics,
            HubPorts.LOCAL.withCanonical(canonical));
    hub.readKeysWith(topic -> ModelWish::key);
  }

  Hub hub() {
    return hub;
  }

  SimulatedLoops loops() {
    return loops;
  }

  Random random() {
    return random;
  }

  boolean skips() {
    return skips;
  }

  String context() {
    return context;
  }

  void step(int step) {
    context = context.replaceAll(", step .*", "") + ", step " + step;
  }

  ModelLog log(String topic) {
    return logs.computeIfAbsent(topic, name -> new ModelLog(name, IDS));
  }

  int epoch(String topic) {
    return hub.topic(topic).map(TopicStats::epoch).orElse(1);
  }

  WireForm anyForm() {
    return forms.get(random.nextInt(forms.size()));
  }

  /// Some frames are made beside the loops; one of those that are open is now.
  void makeAny() {
    late.finishAny(random);
  }

  void makeAll() {
    while (!late.isIdle()) {
      late.finish(0);
    }
  }

  WireForm canonical() {
    return canonical;
  }

  void advance(Duration duration) {
    clock.advance(duration);
  }

  // What happens.

  void publish() {
    int pick = random.nextInt(NAMED.size() + MATCHED.size());
    var topic = pick < NAMED.size() ? NAMED.get(pick) : MATCHED.get(pick - NAMED.size());
    var log = log(topic);
    var messages = new ArrayList<Message>();
    int taken = 0;
    for (int i = random.nextInt(5); i >= 0; i--) {
      int key = random.nextInt(4);
      int length = random.nextInt(50) == 0 ? random.nextInt(900) : random.nextInt(40);
      var text = topic + ":" + (log.end() + 1) + ":" + key + ":" + "x".repeat(length);
      var priority = Priority.ofRank(random.nextInt(5));
      boolean encodable = random.nextInt(40) > 0;
      var id =
          switch (random.nextInt(6)) {
            case 0 -> log.oldId(random.nextInt(100));
            case 1, 2 -> "id" + random.nextLong();
            default -> null;
          };
      var message =
          Message.of(
              encodable ? "t" : "unencodable", text.getBytes(StandardCharsets.UTF_8), false, 0);
      messages.add(message.withPriority(priority).withId(id));
      taken += log.add(new ModelLog.Entry(priority, key, encodable), id) ? 1 : 0;
    }
    if (random.nextInt(4) > 0) {
      assertThat(hub.publish(topic, messages))
          .as(context)
          .isEqualTo(new PublishOutcome.Accepted(messages.size()));
      return;
    }
    long end = log.end();
    int duplicates = messages.size() - taken;
    var receipt = hub.publishAndAwait(topic, messages);
    var unused =
        receipt.thenAccept(
            found -> {
              var appended = (Receipt.Appended) found;
              assertThat(appended.lastOffset()).as(context).isEqualTo(end);
              assertThat(appended.duplicates()).as(context).isEqualTo(duplicates);
            });
    receipts.add(unused.toCompletableFuture());
  }

  private final List<CompletableFuture<Void>> receipts = new ArrayList<>();

  /// A minute passes without a message: topics without subscribers are forgotten.
  void sweep() {
    clock.advance(Duration.ofSeconds(61));
    for (var topic : NAMED) {
      sweep(topic);
    }
    MATCHED.forEach(this::sweep);
    loops.run();
    logs.keySet().removeIf(topic -> hub.topic(topic).isEmpty());
  }

  private void sweep(String topic) {
    var owner = hub.ownerOf(topic);
    var loop = loops.loop(owner.number());
    clock.advance(Duration.ofSeconds(2));
    loop.in(() -> owner.topics().sweep(clock.nanoTime()));
  }

  // What is added up.

  void countLeftOut(Priority priority) {
    leftOut.merge(priority, 1L, Long::sum);
  }

  void countRecovery(long messages) {
    recoveries += messages > 0 ? 1 : 0;
  }

  long recoveries() {
    return recoveries;
  }

  long leftOut() {
    return leftOut.values().stream().mapToLong(Long::longValue).sum();
  }

  /// A member of the queue group has got a message, or it was lost with its connection.
  void sharedOut(long offset) {
    assertThat(log("work").at(offset).encodable()).as(context).isTrue();
    assertThat(sharedOut.get((int) offset)).as("%s, work %d came twice", context, offset).isFalse();
    sharedOut.set((int) offset);
  }

  /// Nothing is under way any more, and everybody has accounted for what it got.
  void checkSettled(List<ModelPeer> peers) {
    for (var priority : Priority.values()) {
      if (priority.mayBeLeftOut()) {
        assertThat(metrics.count(HubMetric.LEFT_OUT, priority.lowerCase()))
            .as("%s, %s", context, priority)
            .isEqualTo((double) leftOut.getOrDefault(priority, 0L));
      }
    }
    assertThat(receipts).as(context).allMatch(CompletableFuture::isDone);
    receipts.forEach(CompletableFuture::join);
    receipts.clear();
    var work = log("work");
    for (long offset = 1; offset <= work.end(); offset++) {
      assertThat(sharedOut.get((int) offset))
          .as("%s, work %d", context, offset)
          .isEqualTo(work.at(offset).encodable());
    }
    checkPresence(peers);
    long kept = 2L * (KEPT + KEPT / 4 + 1) * 1_000 + 4 * 1_024;
    assertThat(hub.stats().memoryBytes()).as(context).isLessThan(kept);
    assertThat(hub.stats().waitingMessages()).as(context).isZero();
  }

  private void checkPresence(List<ModelPeer> peers) {
    var expected = new TreeMap<String, Integer>();
    for (var peer : peers) {
      if (peer.isPresent()) {
        expected.merge(peer.user(), 1, Integer::sum);
      }
    }
    var members = hub.presence(ModelPeer.PRESENCE).toCompletableFuture();
    loops.run();
    var found = new TreeMap<String, Integer>();
    members.join().forEach(member -> found.put(member.userId(), member.connections()));
    assertThat(found).as(context).isEqualTo(expected);
  }

  void close(List<ModelPeer> peers) {
    peers.forEach(ModelPeer::gone);
    loops.run();
    assertThat(hub.stats().subscriptions()).as(context).isZero();
    assertThat(hub.stats().sessions()).as(context).isZero();
    hub.close();
    loops.run();
    assertThat(hub.stats().memoryBytes()).as(context).isZero();
  }
}
