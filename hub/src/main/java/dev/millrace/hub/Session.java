package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A connected client, as the hub sees it: subscriptions, an outbox and a transport with at most
/// one unfinished write. Confined to its loop: every method must be called there.
public final class Session {
  private static final int BLOCKED = 1; // the transport has an unfinished write
  private static final int CLOSED = 2;
  private static final int OUTBOX = 4; // something waits in the outbox
  private static final int TOUCHED = 8; // written to, to be flushed in this turn
  private static final int READY = 16; // on the shard's list for this or the next turn
  private static final int HELD = 32; // data have to wait, answers do not
  private static final int HOLDING = 64; // there is something in flight

  private final HubShard shard;
  private final Row row;
  private final SessionTransport transport;
  private final Subscriptions subscriptions;
  private final CatchUp catchUp = new CatchUp(this);
  private @Nullable CopyPath copies; // once something is copied for it
  private @Nullable Outbox outbox;
  private @Nullable FrameRewriter refresher;
  private int state;
  private long turn;
  private int turnBytes;
  private long delivered;
  private @Nullable Savings savings; // once there were any

  Session(HubShard shard, Row row, String surface, WireForm form, SessionTransport transport) {
    this.shard = shard;
    this.row = row;
    this.transport = transport;
    this.subscriptions = new Subscriptions(this, shard, surface, form);
  }

  /// Subscribes to topics from their ends on. `done` gets one outcome per topic, in order, on this
  /// loop: inside this call or, when another loop owns a topic, later. What it sends stands before
  /// the first message of these topics. It is not called once the session is closed.
  public void subscribe(List<String> topics, Consumer<List<SubscribeOutcome>> done) {
    subscribeTo(topics.stream().map(Wanted::all).toList(), done);
  }

  /// Like [#subscribe], with positions, filters, conflation, queue groups and patterns. A topic
  /// with a position goes on behind it, if what follows is still kept ([SubscribeOutcome.Resumed]);
  /// one that is already subscribed to goes back to it. A pattern also stands for topics that come
  /// later: for those this session's loop owns from their first message on, for others from when
  /// the loop has heard of them. However many names and patterns match a topic, each message comes
  /// once, and a name or pattern without a filter takes all of them.
  public void subscribeTo(List<Wanted> wanted, Consumer<List<SubscribeOutcome>> done) {
    assert shard.loop().inLoop();
    if (wanted.isEmpty()) {
      done.accept(List.of());
      return;
    }
    subscriptions.subscribe(wanted, outcomes -> answer(outcomes, done));
  }

  /// From now on patterns give the session only topics that `admitted` admits; what they gave and
  /// it does not ends. Topics asked for by name are the caller's own matter.
  public void admitByPattern(Predicate<String> admitted) {
    assert shard.loop().inLoop();
    subscriptions.admit(admitted);
  }

  /// Returns whether the session was subscribed to that topic or pattern. No message of the topic
  /// follows, unless another name or pattern still asks for it; its user is not there any more.
  public boolean unsubscribe(String topic) {
    assert shard.loop().inLoop();
    subscriptions.lost(topic);
    return subscriptions.unsubscribe(topic);
  }

  /// The topics and patterns it is subscribed to, those that are still to be confirmed included.
  public Set<String> topics() {
    return subscriptions.wanted();
  }

  /// Presence as the user `userId`, who stays the same for the life of the session.
  public Attendance identify(String userId) {
    assert shard.loop().inLoop();
    return subscriptions.identify(userId);
  }

  /// Has every frame written by `rewriter` from the next one on; null ends that.
  public void rewriteWith(@Nullable FrameRewriter rewriter) {
    assert shard.loop().inLoop();
    copies().rewriter(rewriter);
    subscriptions.all().forEach(Subscription::changeGroup);
  }

  /// Has frames that waited longer than `hub.delivery.stale_after`, and what follows them until the
  /// session has caught up, written by `newRefresher`, unless a rewriter writes all of them.
  public void refreshStaleWith(@Nullable FrameRewriter newRefresher) {
    assert shard.loop().inLoop();
    refresher = newRefresher;
  }

  /// Whether data have to wait, as while a key is being agreed: then it lags, and what is in the
  /// outbox leaves nevertheless.
  public void holdData(boolean hold) {
    assert shard.loop().inLoop();
    state = hold ? state | HELD : state & ~HELD;
    becomeReady();
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
    if (subscriptions.hasGroups()) {
      subscriptions.groups().forEach(GroupMember::reopen);
    }
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

  /// What was handed to the transport smaller than it would be otherwise.
  public Savings savings() {
    savings = savings == null ? new Savings() : savings;
    return savings;
  }

  /// Messages it has still to receive.
  public long lagMessages() {
    return catchUp.lagMessages();
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
    subscriptions.cancelAll();
    row.leave();
    releaseInFlight();
    if (outbox != null) {
      outbox.release();
      outbox = null;
    }
  }

  /// Writes what its cohort has for every member. Returns false if it cannot take that now and must
  /// go on with a cursor of its own.
  boolean take(Ranges ranges) {
    if (isShut()) {
      return isClosed();
    }
    if (!begin(ranges.bytes())) {
      return false;
    }
    write(ranges);
    return true;
  }

  /// Notes that a cohort has `bytes` for a subscription that copies. Returns false if it cannot
  /// take that now and must go on with a cursor of its own.
  boolean takeCopy(Subscription subscription, int bytes) {
    if (isShut()) {
      return isClosed();
    }
    if (subscription.waitIfHeld() || !begin(bytes)) {
      return false;
    }
    turnBytes += bytes;
    copies().due(subscription);
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
    more = more || ((state & HELD) == 0 && catchUp.goOn(ranges));
    if ((state & TOUCHED) != 0) {
      finish(ranges);
    }
    if ((state & (BLOCKED | CLOSED)) != 0) {
      return false;
    }
    if (((state & HELD) == 0 && catchUp.settle()) || more) {
      becomeReadyLater();
    }
    return more;
  }

  /// Copies what is to be copied and flushes what this turn has written.
  void finish(Ranges ranges) {
    state &= ~TOUCHED;
    if (copies != null) {
      copies.copyDue(ranges);
      copies.handOver(transport);
    }
    if ((state & CLOSED) != 0) {
      return;
    }
    if (transport.flush()) {
      if ((state & HOLDING) != 0) {
        releaseInFlight(); // not looked at for the many that hold nothing
      }
    } else if ((state & CLOSED) == 0) {
      state |= BLOCKED | HOLDING;
      if (copies != null) {
        copies.hold();
      }
      catchUp.unfinished(copies == null ? 0 : copies.heldBytes());
      if (subscriptions.hasGroups()) {
        subscriptions.groups().forEach(GroupMember::jam);
      }
    }
  }

  boolean maySkip() {
    return transport.maySkip();
  }

  void skipped(Topic topic, long offset) {
    transport.skipped(topic.name(), topic.epoch(), offset);
  }

  void becomeReady() {
    if ((state & CLOSED) == 0) {
      becomeReadyLater();
      shard.scheduleTurn();
    }
  }

  CatchUp catchUp() {
    return catchUp;
  }

  void forget(Subscription subscription) {
    subscriptions.forget(subscription);
  }

  HubShard shard() {
    return shard;
  }

  Row row() {
    return row;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  Copier copier() {
    return shard.copier();
  }

  boolean rewrites() {
    return copies != null && copies.rewriter() != null;
  }

  @Nullable FrameRewriter refresher() {
    return refresher;
  }

  boolean refreshes() {
    return refresher != null;
  }

  // For its own catching up.

  /// Bytes it may still be written in this turn, 0 if it has to wait for the next or is closed.
  int turnRoom() {
    boolean open = (state & CLOSED) == 0 && hasBudgetFor(1);
    return open ? Math.max(1, shard.passBytes() - turnBytes) : 0;
  }

  /// Writes what no cohort counts.
  void writeOwn(Ranges ranges) {
    state |= TOUCHED | HOLDING;
    write(ranges);
    shard.delivered(ranges, 1);
  }

  /// Where what is copied for it in this turn goes; [#took] must follow.
  CopyPath copying() {
    state |= TOUCHED | HOLDING;
    return copies();
  }

  /// So many bytes more count as written in this turn.
  void took(int bytes) {
    turnBytes += bytes;
  }

  /// Counts what was copied for it.
  void copied(int frames, int bytes) {
    delivered += frames;
    shard.delivered(frames, bytes);
  }

  // Inside.

  private void answer(
      List<SubscribeOutcome> outcomes, Consumer<List<SubscribeOutcome>> subscriber) {
    if ((state & CLOSED) == 0) {
      subscriber.accept(outcomes);
    }
  }

  CopyPath copies() {
    var known = copies;
    if (known == null) {
      known = new CopyPath(this, shard);
      copies = known;
    }
    return known;
  }

  private void startTurn() {
    if (turn != shard.turn()) {
      turn = shard.turn();
      turnBytes = 0;
    }
  }

  /// Whether nothing of a cohort's may be written to it.
  private boolean isShut() {
    return (state & (BLOCKED | HELD | CLOSED)) != 0;
  }

  /// Puts what waits before `bytes` of a cohort's, if the turn has room for those.
  private boolean begin(int bytes) {
    if (!hasBudgetFor(bytes)) {
      becomeReady();
      return false;
    }
    if ((state & TOUCHED) == 0) {
      state |= TOUCHED;
      shard.touched(this);
    }
    writeOutbox();
    return true;
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
    if (ranges.smaller() > 0) {
      savings().add(ranges.smaller(), ranges.saved());
    }
  }

  private void becomeReadyLater() {
    if ((state & READY) == 0) {
      state |= READY;
      shard.addReady(this);
    }
  }

  private void releaseInFlight() {
    state &= ~HOLDING;
    catchUp.finished();
    if (copies != null) {
      copies.unhold();
    }
  }
}
