package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A connected client, as the hub sees it: subscriptions, an outbox and a transport with at most
/// one unfinished write. Confined to its loop: every method must be called there.
public final class Session {
  private static final int BLOCKED = 1; // the transport has an unfinished write
  private static final int CLOSED = 2;
  private static final int OUTBOX = 4; // something waits in the outbox
  private static final int TOUCHED = 8; // written to, to be flushed in this turn
  private static final int READY = 16; // on the shard's list for this or the next turn

  private final HubShard shard;
  private final String surface;
  private final WireForm form;
  private final SessionTransport transport;
  private final List<Subscription> lagging = new ArrayList<>(0);
  private final List<Chunk> inFlight = new ArrayList<>(0); // what the unfinished write holds
  private Map<String, Subscription> subscriptions = Map.of();
  private @Nullable Outbox outbox;
  private @Nullable Attendance attendance; // once somebody asked for it
  private int state;
  private int nextLagging;
  private int lagSlot = -1;
  private long turn;
  private int turnBytes;
  private long delivered;

  Session(HubShard shard, String surface, WireForm form, SessionTransport transport) {
    this.shard = shard;
    this.surface = surface;
    this.form = form;
    this.transport = transport;
  }

  /// Subscribes to topics from their ends on. `done` gets one outcome per topic, in order, on this
  /// loop: inside this call or, when another loop owns a topic, later. What it sends stands before
  /// the first message of these topics. It is not called once the session is closed.
  public void subscribe(List<String> topics, Consumer<List<SubscribeOutcome>> done) {
    subscribe(topics, Map.of(), done);
  }

  /// Like the other, but topics with a position go on behind it, if what follows is still kept; the
  /// outcome of these is [SubscribeOutcome.Resumed]. A topic that is already subscribed to goes
  /// back to its position.
  public void subscribe(
      List<String> topics, Map<String, Position> positions, Consumer<List<SubscribeOutcome>> done) {
    assert shard.loop().inLoop();
    if (topics.isEmpty()) {
      done.accept(List.of());
      return;
    }
    var batch = new SubscribeBatch(topics.size(), outcomes -> answer(outcomes, done));
    for (int i = 0; i < topics.size(); i++) {
      var topic = topics.get(i);
      var position = positions.get(topic);
      if (position != null) {
        drop(topic);
      }
      var objection = objection(topic);
      if (subscriptions.containsKey(topic)) {
        batch.resolve(i, new SubscribeOutcome.AlreadySubscribed(topic), null);
      } else if (objection != null) {
        batch.resolve(i, new SubscribeOutcome.Refused(topic, objection), null);
      } else {
        join(topic, batch, i, position);
      }
    }
  }

  void join(String topic, SubscribeBatch batch, int number, @Nullable Position position) {
    var subscription = new Subscription(this, shard.cohort(topic, form), batch, number, position);
    if (subscriptions.isEmpty()) {
      subscriptions = new HashMap<>(4);
    }
    subscriptions.put(topic, subscription);
    subscription.cohort().join(subscription);
  }

  /// Returns whether the session was subscribed. No message of the topic follows.
  public boolean unsubscribe(String topic) {
    assert shard.loop().inLoop();
    if (attendance != null) {
      attendance.leave(topic);
    }
    return drop(topic);
  }

  boolean isSubscribed(String topic) {
    return subscriptions.containsKey(topic);
  }

  /// Ends a subscription; presence stays.
  boolean drop(String topic) {
    var subscription = subscriptions.isEmpty() ? null : subscriptions.remove(topic);
    if (subscription == null) {
      return false;
    }
    subscription.cancel();
    return true;
  }

  /// The topics it is subscribed to, those that are still to be confirmed included.
  public Set<String> topics() {
    return subscriptions.keySet().stream()
        .filter(topic -> !Companion.isOne(topic))
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Presence as the user `userId`, who stays the same for the life of the session.
  public Attendance identify(String userId) {
    assert shard.loop().inLoop();
    var known = attendance;
    if (known == null) {
      known = new Attendance(this, shard, userId);
      attendance = known;
    }
    return known;
  }

  /// Puts one or more complete frames into the outbox, and takes ownership of them. They leave in
  /// this turn of the loop, before any data, unless a write is unfinished. Returns false if there
  /// is no room; then they are released, counted and lost.
  public boolean send(ByteBuf frames) {
    assert shard.loop().inLoop();
    if ((state & CLOSED) != 0) {
      frames.release();
      return false;
    }
    if (outbox == null) {
      outbox = new Outbox();
    }
    var spec = shard.spec();
    if (!outbox.offer(frames, spec.outboxMessages(), spec.outboxBytes().bytes())) {
      shard.counters().outboxRefused.inc();
      return false;
    }
    state |= OUTBOX;
    becomeReady();
    return true;
  }

  /// The transport's unfinished write has completed.
  public void writable() {
    assert shard.loop().inLoop();
    state &= ~BLOCKED;
    releaseInFlight();
    becomeReady();
  }

  /// The connection is gone: forgets everything and gives back what it held. Idempotent.
  public void close() {
    assert shard.loop().inLoop();
    if ((state & CLOSED) == 0) {
      state |= CLOSED;
      shard.closed(this);
    }
  }

  /// Messages handed to the transport so far.
  public long delivered() {
    return delivered;
  }

  /// Messages it has still to receive.
  public long lagMessages() {
    long messages = 0;
    for (var subscription : lagging) {
      messages += subscription.lagMessages();
    }
    return messages;
  }

  /// Whether a write is unfinished.
  public boolean isBlocked() {
    return (state & BLOCKED) != 0;
  }

  public boolean isClosed() {
    return (state & CLOSED) != 0;
  }

  // For the shard, the cohorts and the subscriptions.

  /// Closes the connection for a reason of the hub's.
  void closeWith(int code, String reason) {
    close();
    transport.close(code, reason);
  }

  /// Gives back all it held; once, after [#close()], outside a pass.
  void release() {
    for (var subscription : List.copyOf(subscriptions.values())) {
      subscription.cancel();
    }
    subscriptions = Map.of();
    if (attendance != null) {
      attendance.leaveAll();
    }
    releaseInFlight();
    if (outbox != null) {
      outbox.release();
      outbox = null;
    }
  }

  /// Writes what its cohort has for every member. Returns false if it cannot take that now and must
  /// go on with a cursor of its own.
  boolean take(Ranges ranges) {
    if ((state & (BLOCKED | CLOSED)) != 0) {
      return (state & CLOSED) != 0;
    }
    if (!hasBudgetFor(ranges.bytes())) {
      becomeReady();
      return false;
    }
    if ((state & TOUCHED) == 0) {
      state |= TOUCHED;
      shard.touched(this);
    }
    writeOutbox();
    write(ranges);
    return true;
  }

  /// Catches up within the turn's byte limit. Returns whether another turn would bring it further.
  boolean pass(Ranges ranges) {
    state &= ~READY;
    if ((state & (BLOCKED | CLOSED)) != 0) {
      return false;
    }
    boolean more = false;
    startTurn();
    if ((state & OUTBOX) != 0) {
      state |= TOUCHED;
      writeOutbox();
      more = (state & OUTBOX) != 0;
    }
    for (int i = lagging.size(); i > 0 && !more; i--) {
      nextLagging = nextLagging < lagging.size() ? nextLagging : 0;
      var subscription = lagging.get(nextLagging++);
      if (subscription.hasMore()) {
        more = !catchUp(subscription, ranges);
      }
    }
    if ((state & TOUCHED) != 0) {
      finish();
    }
    if ((state & (BLOCKED | CLOSED)) != 0) {
      return false;
    }
    for (int i = lagging.size() - 1; i >= 0; i--) {
      lagging.get(i).rejoinIfCaughtUp();
    }
    if (!lagging.isEmpty() || more) {
      becomeReadyLater();
    }
    return more;
  }

  /// Flushes what this turn has written.
  void finish() {
    state &= ~TOUCHED;
    if ((state & CLOSED) != 0) {
      return;
    }
    if (transport.flush()) {
      releaseInFlight();
    } else if ((state & CLOSED) == 0) {
      state |= BLOCKED;
      holdDelivered();
    }
  }

  boolean maySkip() {
    return transport.maySkip();
  }

  void becomeReady() {
    if ((state & CLOSED) == 0) {
      becomeReadyLater();
      shard.scheduleTurn();
    }
  }

  void lags(Subscription subscription) {
    lagging.add(subscription);
    if (lagSlot < 0) {
      shard.laggards().add(this);
    }
  }

  void lagsNoMore(Subscription subscription) {
    lagging.remove(subscription);
    if (lagging.isEmpty()) {
      shard.laggards().remove(this);
    }
  }

  List<Subscription> lagging() {
    return lagging;
  }

  int lagSlot() {
    return lagSlot;
  }

  void lagSlot(int slot) {
    lagSlot = slot;
  }

  long lagBytes() {
    long bytes = 0;
    for (var subscription : lagging) {
      bytes += subscription.lagBytes();
    }
    return bytes;
  }

  /// Bytes in memory because of it, left out or not.
  long heldBytes() {
    long bytes = 0;
    for (var subscription : lagging) {
      bytes += subscription.heldBytes();
    }
    return bytes;
  }

  void forget(Subscription subscription) {
    var topic = subscription.cohort().topic();
    if (subscriptions.remove(topic, subscription) && attendance != null) {
      attendance.leave(topic);
    }
  }

  // Inside.

  private void answer(
      List<SubscribeOutcome> outcomes, Consumer<List<SubscribeOutcome>> subscriber) {
    if ((state & CLOSED) == 0) {
      subscriber.accept(outcomes);
    }
  }

  private @Nullable String objection(String topic) {
    if ((state & CLOSED) != 0) {
      return "the session is closed";
    }
    var badName = shard.objectionToName(topic);
    if (badName != null) {
      return badName;
    }
    int limit = shard.spec().maxSubscriptions();
    return subscriptions.size() >= limit
        ? "at most " + limit + " topics per connection"
        : shard.hub().settings(topic).objectionTo(surface);
  }

  private void startTurn() {
    if (turn != shard.turn()) {
      turn = shard.turn();
      turnBytes = 0;
    }
  }

  private boolean hasBudgetFor(int bytes) {
    startTurn();
    return turnBytes == 0 || turnBytes + bytes <= shard.passBytes();
  }

  private void writeOutbox() {
    var waiting = outbox;
    if ((state & OUTBOX) != 0 && waiting != null) {
      turnBytes += waiting.writeTo(transport, shard.passBytes());
      if (waiting.isEmpty()) {
        state &= ~OUTBOX;
        outbox = null;
      }
    }
  }

  private void write(Ranges ranges) {
    for (int i = 0; i < ranges.count(); i++) {
      transport.write(ranges.slice(i));
    }
    turnBytes += ranges.bytes();
    delivered += ranges.messages();
  }

  /// Writes on from a cursor; returns false if the turn's limit leaves something for the next.
  private boolean catchUp(Subscription subscription, Ranges ranges) {
    if (!hasBudgetFor(1)) {
      return false;
    }
    int limit = Math.max(1, shard.passBytes() - turnBytes);
    var copying = subscription.copyingReplay();
    if (copying != null) {
      writeCopy(copying, limit);
      subscription.endReplayIfDone();
      return !subscription.hasMore();
    }
    subscription.collect(ranges, limit);
    if (ranges.count() > 0) {
      state |= TOUCHED;
      write(ranges);
      for (int i = 0; i < ranges.count(); i++) {
        inFlight.add(ranges.chunk(i).hold());
      }
      shard.delivered(ranges, 1);
    }
    subscription.moveTo(ranges.endChunk(), ranges.endIndex());
    return !subscription.hasMore();
  }

  private void writeCopy(Replay replay, int limit) {
    var frames = replay.copy(limit, shard.counters());
    int bytes = frames.readableBytes();
    if (bytes == 0) {
      frames.release();
      return;
    }
    state |= TOUCHED;
    transport.write(frames);
    turnBytes += bytes;
    delivered += replay.copied();
    shard.delivered(replay.copied(), bytes);
  }

  /// Keeps the memory of the shared write that stayed unfinished.
  private void holdDelivered() {
    for (var subscription : subscriptions.values()) {
      if (subscription.isMember()) {
        subscription.cohort().holdDelivery(inFlight);
      }
    }
  }

  private void becomeReadyLater() {
    if ((state & READY) == 0) {
      state |= READY;
      shard.addReady(this);
    }
  }

  private void releaseInFlight() {
    for (var chunk : inFlight) {
      chunk.unhold();
    }
    inFlight.clear();
  }
}
