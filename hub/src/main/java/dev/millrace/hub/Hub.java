package dev.millrace.hub;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Topics and sessions of one process. Publishing and statistics are safe from any thread; a
/// session belongs to the loop it was opened on.
///
/// A topic belongs to the loop that the hash of its name picks. Publications wait in that loop's
/// inbox until its turn, which also writes them to the sessions.
public final class Hub implements AutoCloseable {
  private static final int MAX_HISTORY = 1_000;
  private static final long MAX_HISTORY_BYTES = 4 << 20;
  private static final Duration TICK = Duration.ofSeconds(1);

  private final HubSpec spec;
  private final Clock clock;
  private final HubPorts ports;
  private final TopicRules rules;
  private final MemoryBudget budget;
  private final Counters counters;
  private final Objections objections;
  private final Finishing finishing;
  private final List<HubShard> shards = new ArrayList<>();
  private final TopicNews news = new TopicNews(shards);
  private final Inlet inlet;
  private final List<Upkeep> upkeep = new ArrayList<>();
  private final AtomicInteger topics = new AtomicInteger();
  private final Clock.@Nullable Timer ticks;

  // Read by the loops. Written before sessions are opened.
  private volatile KeyReaders keyReaders = KeyReaders.BY_TOPIC;

  /// A hub whose publications stay in this process.
  public Hub(HubSpec spec, List<? extends HubLoop> loops, Clock clock, Metrics metrics) {
    this(spec, loops, clock, metrics, HubPorts.LOCAL);
  }

  public Hub(
      HubSpec spec, List<? extends HubLoop> loops, Clock clock, Metrics metrics, Broker broker) {
    this(spec, loops, clock, metrics, HubPorts.LOCAL.withBroker(broker));
  }

  public Hub(
      HubSpec spec, List<? extends HubLoop> loops, Clock clock, Metrics metrics, HubPorts ports) {
    if (loops.isEmpty()) {
      throw new IllegalArgumentException("a hub needs at least one loop");
    }
    this.spec = spec;
    this.clock = clock;
    this.ports = ports;
    this.rules = new TopicRules(spec);
    if (rules.someRetain() && ports.canonical() == null) {
      throw new IllegalArgumentException("a hub that keeps messages needs a canonical form");
    }
    this.budget = new MemoryBudget(spec.memory().bytes());
    this.counters = new Counters(metrics);
    this.objections = new Objections(spec, rules, counters);
    this.finishing = new Finishing(counters);
    // Offsets begin anew with the process, so epochs must differ from those of the last one.
    var random = new SplittableRandom(clock.epochMicros() ^ System.identityHashCode(this));
    var epochs = new AtomicInteger(random.nextInt());
    for (var loop : loops) {
      var table = new TopicTable(this, loops.size(), topics, epochs);
      var shard = new HubShard(this, shards.size(), loop, table, random.split());
      shards.add(shard);
      upkeep.add(new Upkeep(this, shard));
    }
    this.inlet = new Inlet(this, shards, topics);
    ports.broker().attach(inlet);
    metrics.gauge(HubMetric.SESSIONS, () -> sum(HubShard::sessions));
    metrics.gauge(HubMetric.TOPICS, topics::get);
    metrics.gauge(HubMetric.MEMORY, budget::used);
    metrics.gauge(HubMetric.KEPT, this::keptBytes);
    metrics.gauge(HubMetric.BEHIND, () -> sum(shard -> shard.laggards().size()));
    metrics.gauge(HubMetric.PRESENT, () -> sum(shard -> shard.presence().present()));
    metrics.gauge(HubMetric.WAITING, () -> sum(HubShard::waiting));
    this.ticks =
        rules.someRetain() || rules.someHavePresence()
            ? clock.every(TICK, () -> upkeep.forEach(Upkeep::request))
            : null;
  }

  HubSpec spec() {
    return spec;
  }

  Clock clock() {
    return clock;
  }

  TopicRules rules() {
    return rules;
  }

  @Nullable WireForm canonical() {
    return ports.canonical();
  }

  PresenceListener presenceListener() {
    return ports.presenceListener();
  }

  Finishing finishing() {
    return finishing;
  }

  MemoryBudget budget() {
    return budget;
  }

  Counters counters() {
    return counters;
  }

  /// Opens a session of the surface that has the name of its form.
  public Session open(HubLoop loop, WireForm form, SessionTransport transport) {
    return open(loop, form.name(), form, transport);
  }

  /// Opens a session on `loop`, from that loop. Topics with an audience admit it by its `surface`.
  /// The transport must report its end with [Session#close()].
  public Session open(HubLoop loop, String surface, WireForm form, SessionTransport transport) {
    for (var shard : shards) {
      if (shard.loop().equals(loop)) {
        return shard.open(surface, form, transport);
      }
    }
    throw new IllegalArgumentException("the hub does not run on " + loop);
  }

  /// Hands messages to the topic, in order, all or none.
  public PublishOutcome publish(String topic, List<Message> messages) {
    return inlet.publish(new Publication(topic, messages, null));
  }

  /// Like [#publish], and tells where the last message stands once it does. The stage completes on
  /// the topic's loop: what depends on it must not block.
  public CompletionStage<Receipt> publishAndAwait(String topic, List<Message> messages) {
    var receipt = new CompletableFuture<Receipt>();
    var outcome = inlet.publish(new Publication(topic, messages, receipt));
    if (!(outcome instanceof PublishOutcome.Accepted)) {
      receipt.complete(new Receipt.NotAppended(outcome));
    }
    return receipt;
  }

  /// Whether what is published on a topic now goes to anybody, is kept, or is for other processes
  /// to hear of. Any thread; who asks just as somebody subscribes may not hear of it yet.
  public boolean isHeard(String topic) {
    var known = ownerOf(topic).topics().get(topic);
    return !ports.broker().equals(Broker.IN_PROCESS) || known == null || known.isHeard();
  }

  /// Publishes as many messages as nobody hears, so that nobody needs to make them: they are
  /// counted and have their offsets, and even who comes just now gets none of them.
  public PublishOutcome publishUnheard(String topic, int messages) {
    return publish(topic, new Repeated(Message.UNHEARD, messages));
  }

  /// Runs `action` once, on the topic's loop or at once, when its inbox is at most half full. False
  /// if too many wait for that already, or if it is the broker that has no room.
  public boolean whenRoom(String topic, Runnable action) {
    var shard = ownerOf(topic);
    if (!ports.broker().hasRoom() || !shard.inbox().await(action)) {
      return false;
    }
    shard.scheduleTurn(); // the inbox may have emptied meanwhile: a turn looks again
    return true;
  }

  /// Largest message, as it stands on the wire, envelope included.
  public long maxMessageBytes() {
    return spec.maxMessage().bytes();
  }

  /// Has every message finished before it is written; before there are subscriptions.
  public void finishWith(Finisher finisher) {
    finishing.with(finisher);
  }

  /// Says by which key conflating subscriptions tell messages apart; before there are any.
  public void readKeysWith(KeyReaders readers) {
    keyReaders = readers;
  }

  /// Why a topic may not be called that, or null. Names are UTF-8 without control characters; `*`
  /// and `?` stand for patterns and cannot be in one.
  public @Nullable String objectionToName(String topic) {
    return objections.toName(topic);
  }

  /// Why nothing may be subscribed to by that name or pattern, or null.
  public @Nullable String objectionToPattern(String topic) {
    return objections.toPattern(topic);
  }

  /// What the configuration says of a topic of that name, whether or not it is there.
  public TopicSettings settings(String topic) {
    return rules.of(topic);
  }

  /// Whether the configuration has messages of some topics kept.
  public boolean keepsMessages() {
    return rules.someRetain();
  }

  /// All topics, by name.
  public List<TopicStats> topics() {
    return shards.stream()
        .flatMap(shard -> shard.topics().all().stream())
        .map(Topic::stats)
        .filter(stats -> !Companion.isOne(stats.name()))
        .sorted(Comparator.comparing(TopicStats::name))
        .toList();
  }

  public Optional<TopicStats> topic(String name) {
    if (Companion.isOne(name)) {
      return Optional.empty();
    }
    return Optional.ofNullable(ownerOf(name).topics().get(name)).map(Topic::stats);
  }

  /// Who is on a topic, by user id. Like every answer that needs the topic's loop the stage
  /// completes there: what depends on it must not block.
  public CompletionStage<List<PresenceMember>> presence(String topic) {
    var owner = ownerOf(topic);
    return ask(owner, () -> owner.presence().members(topic));
  }

  /// What another instance says of one of its users; the other way is [HubPorts]'s listener. Any
  /// thread. Ignored if the topic has no presence here.
  public void remotePresence(String instance, PresenceState state) {
    if (rules.of(state.topic()).presence() && state.data().length <= Attendance.MAX_DATA) {
      var owner = ownerOf(state.topic());
      owner.tell(() -> owner.presence().hear(instance, state, clock.nanoTime()));
    }
  }

  /// Another instance is there, whether or not its users changed. One that is silent for
  /// `hub.presence.instance_timeout` is forgotten with all of them. Any thread.
  public void remoteInstanceAlive(String instance) {
    for (var shard : shards) {
      shard.tell(() -> shard.presence().heardFrom(instance, clock.nanoTime()));
    }
  }

  /// Another instance has gone, with all its users. Any thread.
  public void remoteInstanceGone(String instance) {
    for (var shard : shards) {
      shard.tell(() -> shard.presence().forgetInstance(instance));
    }
  }

  /// The users that are connected to this process, for an instance that has just come. One stage
  /// per loop.
  public List<CompletionStage<List<PresenceState>>> localPresence() {
    return shards.stream().map(shard -> ask(shard, () -> shard.presence().statesHere())).toList();
  }

  /// The newest messages that a topic has kept: at most `limit`, at most 1,000, of at most 4 MiB
  /// together. None if it keeps nothing.
  public CompletionStage<HistoryPage> history(String topic, int limit) {
    var owner = ownerOf(topic);
    int most = Math.clamp(limit, 0, MAX_HISTORY);
    return ask(owner, () -> owner.registrar().followed(topic))
        .thenCompose(followed -> followed)
        .thenApply(followed -> owner.topics().history(topic, most, MAX_HISTORY_BYTES));
  }

  public HubStats stats() {
    int subscriptions = 0;
    for (var shard : shards) {
      for (var topic : shard.topics().all()) {
        subscriptions += topic.subscribers.get();
      }
    }
    return new HubStats(
        sum(HubShard::sessions),
        topics.get(),
        subscriptions,
        (long) counters.published.get(),
        (long) counters.deliveries.get(),
        counters.leftOut(),
        budget.used(),
        sum(HubShard::waiting));
  }

  /// One topic, more closely.
  public CompletionStage<Optional<TopicDetail>> detail(String name) {
    var owner = ownerOf(name);
    return Companion.isOne(name)
        ? CompletableFuture.completedStage(Optional.empty())
        : ask(owner, () -> Optional.ofNullable(owner.topics().get(name)).map(TopicDetail::of));
  }

  /// Bytes kept for clients that come back, as they are on the wire.
  public long keptBytes() {
    return shards.stream().mapToLong(shard -> shard.topics().retained().keptBytes()).sum();
  }

  /// How long messages were on their way, for all deliveries so far.
  public SendLatency sendLatency() {
    return counters.sendTimes.snapshot();
  }

  /// Takes no more publications, and keeps nothing any more. What has been accepted is still
  /// delivered; sessions stay until the gateway closes them.
  @Override
  public void close() {
    inlet.close();
    if (ticks != null) {
      ticks.cancel();
    }
    for (var shard : shards) {
      shard.tell(shard.topics().retained()::close);
    }
  }

  // For the shards.

  HubShard ownerOf(String topic) {
    int hash = Companion.topicOf(topic).hashCode() * 0x9E3779B9;
    return shards.get((int) (((hash & 0xFFFF_FFFFL) * shards.size()) >>> 32));
  }

  KeyReaders keyReaders() {
    return keyReaders;
  }

  Objections objections() {
    return objections;
  }

  Inlet inlet() {
    return inlet;
  }

  TopicNews news() {
    return news;
  }

  /// Asks loops that keep messages to give some up; returns whether there was one to ask.
  boolean askForKept(HubShard asking) {
    boolean asked = false;
    for (var shard : shards) {
      if (shard != asking && shard.topics().retained().mayGive()) {
        shard.relief().askForKept();
        asked = true;
      }
    }
    return asked;
  }

  Broker broker() {
    return ports.broker();
  }

  /// Asks the other loops to close the session that holds most memory.
  void shedElsewhere(HubShard asking) {
    for (var shard : shards) {
      if (shard != asking) {
        shard.relief().askForRoom();
      }
    }
  }

  private static <T> CompletionStage<T> ask(HubShard owner, Supplier<T> question) {
    try {
      return CompletableFuture.supplyAsync(question, owner.loop()::execute);
    } catch (RejectedExecutionException ended) {
      return CompletableFuture.failedStage(ended);
    }
  }

  private int sum(java.util.function.ToIntFunction<HubShard> number) {
    return shards.stream().mapToInt(number).sum();
  }
}
