package dev.millrace.hub;

import dev.millrace.core.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hub's part on one loop: the topics it owns and the sessions it serves. Confined to the loop,
/// but for the inbox and what says otherwise.
///
/// All work happens in turns, which run as tasks of the loop and so never inside a read: take what
/// was published, publish the lanes, write to the members of each cohort, flush every session once,
/// let the others catch up, judge those that lag.
final class HubShard {
  private static final Logger log = LoggerFactory.getLogger(HubShard.class);

  private record LaneKey(String topic, WireForm form) {}

  private final Hub hub;
  private final int number;
  private final HubLoop loop;
  private final HubSpec spec;
  private final Clock clock;
  private final Counters counters;
  private final TopicTable topics;
  private final Inbox inbox;
  private final LagWatch laggards;
  private final MemoryRelief relief;
  private final PresenceDesk presence;
  private final Registrar registrar;
  private final Copier copier;
  private final PatternTable patterns;
  private final QueueGroups groups;
  private final SendTimes.Stopwatch stopwatch = new SendTimes.Stopwatch();
  private final Appender appender;
  private final Ranges ranges = new Ranges();
  private final Map<LaneKey, Cohort> cohorts = new HashMap<>();
  private final List<Session> touched = new ArrayList<>();
  private final List<Session> closing = new ArrayList<>();
  private List<Cohort> dirty = new ArrayList<>();
  private List<Cohort> delivering = new ArrayList<>();
  private List<Session> ready = new ArrayList<>();
  private List<Session> passing = new ArrayList<>();
  private boolean beforeWriting; // in a turn, which will write what becomes dirty
  private boolean inPass;
  private long turn;
  private long deliveries; // of this turn
  private long deliveredBytes;

  private final Due turnDue = new Due();
  private final AtomicInteger sessions = new AtomicInteger(); // changed by the loop
  private final AtomicInteger late = new AtomicInteger(); // likewise: messages in LateFrames

  HubShard(Hub hub, int number, HubLoop loop, TopicTable topics, SplittableRandom random) {
    this.hub = hub;
    this.number = number;
    this.loop = loop;
    this.spec = hub.spec();
    this.clock = hub.clock();
    this.counters = hub.counters();
    this.topics = topics;
    this.inbox = new Inbox(spec.inboxMessages(), spec.inboxBytes().bytes(), spec.maxConnections());
    this.laggards = new LagWatch(spec, counters);
    this.presence = new PresenceDesk(hub, this);
    this.registrar = new Registrar(this, topics, clock);
    this.copier = new Copier(loop, clock, spec, counters);
    this.patterns = new PatternTable(hub, this, spec, counters);
    this.groups = new QueueGroups(this);
    this.relief = new MemoryRelief(hub, this, topics.retained(), laggards, groups);
    this.appender = new Appender(this, stopwatch, random);
  }

  Hub hub() {
    return hub;
  }

  int number() {
    return number;
  }

  HubLoop loop() {
    return loop;
  }

  HubSpec spec() {
    return spec;
  }

  int passBytes() {
    return spec.writePass().toIntExact();
  }

  Counters counters() {
    return counters;
  }

  TopicTable topics() {
    return topics;
  }

  Inbox inbox() {
    return inbox;
  }

  Appender appender() {
    return appender;
  }

  PresenceDesk presence() {
    return presence;
  }

  MemoryRelief relief() {
    return relief;
  }

  LagWatch laggards() {
    return laggards;
  }

  Registrar registrar() {
    return registrar;
  }

  Copier copier() {
    return copier;
  }

  PatternTable patterns() {
    return patterns;
  }

  QueueGroups groups() {
    return groups;
  }

  MemoryBudget budget() {
    return hub.budget();
  }

  /// Cohorts whose members are being written to.
  List<Cohort> delivering() {
    return delivering;
  }

  int sessions() {
    return sessions.get();
  }

  /// Messages taken from the inbox whose frames are still being made.
  AtomicInteger late() {
    return late;
  }

  /// Messages published that have not been delivered. Any thread.
  int waiting() {
    return inbox.messages() + late.get();
  }

  /// Something was appended besides what this turn took from the inbox.
  void dirty(Lane lane) {
    appender.dirty(lane);
    scheduleTurn();
  }

  long turn() {
    return turn;
  }

  /// Any thread.
  void scheduleTurn() {
    if (turnDue.request()) {
      stopwatch.scheduled(clock.nanoTime());
      loop.execute(this::turnOnce);
    }
  }

  // Sessions.

  Session open(String surface, WireForm form, SessionTransport transport) {
    sessions.incrementAndGet();
    return new Session(this, surface, form, transport);
  }

  void closed(Session session) {
    sessions.decrementAndGet();
    if (inPass) {
      closing.add(session);
    } else {
      session.release();
    }
  }

  /// A cohort has written to a session, which has to be flushed.
  void touched(Session session) {
    touched.add(session);
  }

  /// Flushes the sessions that cohorts have written to.
  void finishTouched() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).finish(ranges);
    }
    touched.clear();
  }

  void addReady(Session session) {
    ready.add(session);
  }

  // Cohorts on this loop.

  Cohort cohort(String topic, WireForm form) {
    return cohorts.computeIfAbsent(
        new LaneKey(topic, form),
        key -> new Cohort(this, hub.ownerOf(key.topic()), key.topic(), key.form()));
  }

  void forget(Cohort cohort) {
    cohorts.remove(new LaneKey(cohort.topic(), cohort.form()), cohort);
  }

  void addDirty(Cohort cohort) {
    dirty.add(cohort);
    if (!beforeWriting) {
      scheduleTurn();
    }
  }

  void delivered(Ranges written, int receivers) {
    deliveries += (long) written.messages() * receivers;
    deliveredBytes += (long) written.bytes() * receivers;
  }

  void delivered(int messages, int bytes) {
    deliveries += messages;
    deliveredBytes += bytes;
  }

  /// Does `work` on this loop, now if this is it. Any loop.
  void run(Runnable work) {
    if (loop.inLoop()) {
      work.run();
      return;
    }
    tell(work);
  }

  /// Has this loop do `work` later. Any thread. A loop that has ended took its lanes and sessions
  /// with it: nothing is left to be told.
  void tell(Runnable work) {
    try {
      loop.execute(work);
    } catch (RejectedExecutionException ended) {
      log.debug("A loop has ended before it was told", ended);
    }
  }

  // The turn.

  private void turnOnce() {
    stopwatch.turnBegins();
    turnDue.begins();
    turn++;
    long nowNanos = clock.nanoTime();
    long nowMillis = clock.epochMillis();
    copier.turnBegins(nowNanos, nowMillis);
    beforeWriting = true;
    try {
      appender.append(nowNanos, nowMillis);
      groups.distribute();
    } finally {
      beforeWriting = false;
    }
    boolean more = appender.isBehind();
    inPass = true;
    try {
      writeToCohorts();
      more |= catchUp();
    } finally {
      inPass = false;
    }
    releaseClosed();
    laggards.turn();
    copier.turnEnds();
    count();
    inbox.tellWaiters();
    if (more) {
      scheduleTurn();
    }
  }

  private void writeToCohorts() {
    var batch = dirty;
    dirty = delivering;
    delivering = batch;
    boolean alone = batch.size() == 1;
    for (var cohort : batch) {
      cohort.deliver(ranges, passBytes(), alone);
    }
    ranges.clear();
    finishTouched();
    for (var cohort : batch) {
      cohort.advance();
    }
    batch.clear();
  }

  private boolean catchUp() {
    var batch = ready;
    ready = passing;
    passing = batch;
    boolean more = false;
    for (var session : batch) {
      more |= session.pass(ranges);
    }
    batch.clear();
    ranges.clear();
    return more;
  }

  private void releaseClosed() {
    for (var session : closing) {
      session.release();
    }
    closing.clear();
  }

  private void count() {
    long nanos = stopwatch.turnEnds(clock.nanoTime(), appender.isBehind());
    if (deliveries > 0) {
      counters.sendTimes.add(nanos, deliveries);
      counters.deliveries.inc(deliveries);
      counters.deliveredBytes.inc(deliveredBytes);
      deliveries = 0;
      deliveredBytes = 0;
    }
  }
}
