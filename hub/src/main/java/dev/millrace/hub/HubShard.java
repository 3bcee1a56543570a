package dev.millrace.hub;

import dev.millrace.core.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hub's part on one loop: the topics it owns and the sessions it serves. Confined to the loop,
/// but for the inbox and what says otherwise.
///
/// All work happens in turns, which run as tasks of the loop and so never inside a read: take what
/// was published, publish the lanes, write to a row of sessions, flush each of them once, let those
/// that lag catch up and judge them. Where there are more rows the loop looks what has come before
/// it goes on with the next: whoever is written to last gets that too, and nobody waits for it
/// while a whole crowd is written to.
final class HubShard {
  private static final Logger log = LoggerFactory.getLogger(HubShard.class);

  /// For so long what waits in the inbox goes before what waits in sockets. Who publishes as fast
  /// as it can is read in larger pieces then, and those who listen get larger ones.
  private static final long LONGEST_WITHOUT_READS = TimeUnit.MILLISECONDS.toNanos(50);

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
  private final Row sharedRow = new Row(this);
  private final List<Row> rows = new ArrayList<>(); // of the sessions
  private final ArrayDeque<Row> waitingRows = new ArrayDeque<>(); // in the order they came
  private @Nullable Row writing;
  private List<Session> ready = new ArrayList<>();
  private List<Session> passing = new ArrayList<>();
  private boolean inPass;
  private boolean inTurn;
  private long turn;
  private long turnNanos; // when it began
  private long readNanos; // when sockets had been read last, before a turn
  private boolean atOnce; // the next turn follows this one without reads
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

  /// What is being written to.
  List<Section> delivering() {
    return writing == null ? List.of() : writing.delivering();
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

  /// When the turn began.
  long turnNanos() {
    return turnNanos;
  }

  long nowNanos() {
    return clock.nanoTime();
  }

  /// When the first of what it took from the inbox came.
  long turnSinceNanos() {
    return stopwatch.sinceNanos();
  }

  /// Any thread.
  void scheduleTurn() {
    if (turnDue.request()) {
      stopwatch.scheduled(clock.nanoTime());
      if (!loop.inLoop() || !inTurn) {
        loop.execute(this::turnOnce);
      } else if (appender.isBehind() && turnNanos - readNanos < LONGEST_WITHOUT_READS) {
        atOnce = true;
        loop.execute(this::turnOnce);
      } else {
        loop.executeAfterReads(this::turnOnce);
      }
    }
  }

  // Sessions.

  Session open(String surface, WireForm form, SessionTransport transport) {
    sessions.incrementAndGet();
    var row = rowWithRoom();
    row.enter();
    return new Session(this, row, surface, form, transport);
  }

  /// The row in which the first subscribers of each topic stand.
  Row sharedRow() {
    return sharedRow;
  }

  private Row rowWithRoom() {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).sessions() < spec.writeSessions()) {
        return rows.get(i);
      }
    }
    var row = new Row(this);
    rows.add(row);
    return row;
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

  /// Bytes that may be appended in this turn: no row is to be further behind than what one of its
  /// sessions is given in one turn. The rest stays in the inbox, and those who publish wait.
  long appendRoom() {
    var first = waitingRows.peek();
    long behind = first == null ? 0 : appender.appendedBytes() - first.appendedBefore();
    return passBytes() - behind;
  }

  /// There is something for sessions of a row.
  void enqueue(Row row) {
    waitingRows.add(row);
    if (!inTurn) {
      scheduleTurn();
    }
  }

  void delivered(Ranges written, int receivers) {
    deliveries += (long) written.messages() * receivers;
    deliveredBytes += (long) written.bytes() * receivers;
  }

  /// The turn delivers what came at `nanos`, if not earlier.
  void deliveredSince(long nanos) {
    stopwatch.delivers(nanos);
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
    inTurn = true;
    try {
      takeTurn();
    } finally {
      inTurn = false;
    }
  }

  private void takeTurn() {
    stopwatch.turnBegins();
    turnDue.begins();
    turn++;
    turnNanos = clock.nanoTime();
    readNanos = atOnce ? readNanos : turnNanos;
    atOnce = false;
    long nowMillis = clock.epochMillis();
    copier.turnBegins(turnNanos, nowMillis);
    appender.append(turnNanos, nowMillis);
    groups.distribute();
    boolean more = appender.isBehind();
    inPass = true;
    try {
      writeToRows();
      more |= catchUp();
    } finally {
      inPass = false;
    }
    releaseClosed();
    laggards.turn();
    copier.turnEnds();
    count();
    inbox.tellWaiters();
    if (more || !waitingRows.isEmpty()) {
      scheduleTurn();
    }
  }

  /// Writes to one row after the other, until enough have been written to: the others wait for
  /// their turn, and what comes before it goes with the rest.
  private void writeToRows() {
    int open = spec.writeSessions();
    for (int left = waitingRows.size(); left > 0 && open > 0; left--) {
      writing = waitingRows.remove();
      open -= writing.deliver(ranges, passBytes());
    }
    writing = null;
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
