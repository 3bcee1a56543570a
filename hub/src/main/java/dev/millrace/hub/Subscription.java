package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one session gets of one topic, however many names and patterns it asked by. Stands where
/// its section stands while it keeps up; otherwise it has a [Cursor] of its own. Confined to the
/// session's loop.
final class Subscription implements Entrant {
  private final Session session;
  private final Cohort cohort;
  private final Cursor cursor;
  private @Nullable SubscribeBatch batch; // while the answer has not been given
  private int numberInBatch;
  private @Nullable Wanted exact;
  private List<Wanted> byPattern = List.of();
  private @Nullable Members members; // that it is one of
  private int slot = -1;
  private boolean countedByName;
  private boolean madeByPattern;

  Subscription(Session session, Cohort cohort) {
    this.session = session;
    this.cohort = cohort;
    this.cursor = new Cursor(cohort, session.copier());
  }

  Session session() {
    return session;
  }

  Cohort cohort() {
    return cohort;
  }

  /// Among whom it is served, once it is admitted.
  Section section() {
    return cursor.section();
  }

  Cursor cursor() {
    return cursor;
  }

  @Override
  public String name() {
    return cohort.topic();
  }

  Topic topic() {
    return cohort.lane().topic();
  }

  int slot() {
    return slot;
  }

  /// Whether it stands among those that take the shared bytes.
  boolean isSharing() {
    return members != null && isSharingIn(section());
  }

  boolean isSharingIn(Section section) {
    return members == section.sharing();
  }

  // What it was asked for by.

  boolean isWantedByName() {
    return exact != null;
  }

  boolean isWanted() {
    return exact != null || !byPattern.isEmpty();
  }

  /// It came into being because a pattern matched, and counts as such as long as it is there.
  void madeByPattern() {
    madeByPattern = true;
  }

  boolean isMadeByPattern() {
    return madeByPattern;
  }

  boolean isAdmitted() {
    return members != null || cursor.isSet();
  }

  /// What the patterns asked for that match the topic.
  List<Wanted> byPattern() {
    return byPattern;
  }

  /// Asked for by name; `newBatch` is told when it is decided.
  void want(Wanted wanted, @Nullable SubscribeBatch newBatch, int number) {
    exact = wanted;
    batch = newBatch;
    numberInBatch = number;
    choose();
  }

  void wantByPattern(Wanted wanted) {
    if (byPattern.isEmpty()) {
      byPattern = new ArrayList<>(1);
    }
    byPattern.add(wanted);
    choose();
  }

  /// How a topic was asked for by its name; the answer is owed to `batch`, if there is one.
  record Asked(Wanted wanted, @Nullable SubscribeBatch batch, int number) {}

  /// How it was asked for by its name, for the one that takes its place; null if it was not.
  @Nullable Asked handOver() {
    var wanted = exact;
    var owed = batch;
    exact = null;
    batch = null;
    if (owed != null) {
      owed.leave(this);
    }
    return wanted == null ? null : new Asked(wanted, owed, numberInBatch);
  }

  /// It is not wanted by its name any more.
  void unwant() {
    exact = null;
    withdraw();
    choose();
  }

  /// Returns whether that pattern had wanted it.
  boolean unwantByPattern(Wanted wanted) {
    if (!byPattern.contains(wanted)) {
      return false;
    }
    byPattern.remove(wanted);
    choose();
    return true;
  }

  private void choose() {
    countByName();
    if (!isWanted()) {
      return;
    }
    var wishes = byPattern;
    if (exact != null) {
      wishes = new ArrayList<>(byPattern);
      wishes.add(exact);
    }
    var before = cursor.selection();
    var chosen = Selection.of(wishes, before, session.shard().hub(), cohort.topic());
    if (chosen == before) {
      return;
    }
    cursor.select(chosen);
    if (before != null) {
      session.copier().heldBack().forget(before.conflation());
    }
    if (cursor.isSet()) {
      session.becomeReady();
    }
    changeGroup();
  }

  /// Stands among the right members after what it or its session wants has changed.
  void changeGroup() {
    var now = members;
    if (now != null && now != section().groupOf(this)) {
      now.remove(this);
      section().groupOf(this).add(this);
    }
  }

  boolean selects() {
    return cursor.selection() != null;
  }

  /// Whether it gets bytes of its own.
  boolean copies() {
    return selects() || session.rewrites();
  }

  /// Whether what comes next for one that lags is copied.
  boolean makesCopies() {
    return copies() || cursor.makesCopies(session.refreshes());
  }

  // Subscribing.

  void admitted(Section to, Chunk start, int frame) {
    to.enter();
    cursor.admitted(to);
    lagFrom(start, frame);
    countByName();
    var position = exact == null ? null : exact.position();
    if (batch == null) {
      session.becomeReady();
    } else if (position == null) {
      batch.resolve(numberInBatch, new SubscribeOutcome.Subscribed(cohort.topic()), this);
    } else {
      cursor.seek();
      cohort.resume(this, position);
    }
  }

  /// The topic's loop has found where to go on.
  void resumed(Resumption found) {
    if (batch == null || !cursor.isSet()) {
      found.release(); // it was given up meanwhile
      return;
    }
    cursor.resume(found);
    batch.resolve(numberInBatch, found.outcome(), this);
  }

  void refused(String why) {
    session.forget(this);
    if (batch != null) {
      batch.resolve(numberInBatch, new SubscribeOutcome.Refused(cohort.topic(), why), this);
    }
  }

  /// The batch has been answered: data may follow.
  @Override
  public void answered() {
    batch = null;
    session.becomeReady();
  }

  /// Leaves before the answer was known, or after.
  void cancel() {
    exact = null;
    byPattern = List.of();
    countByName();
    cohort.leave(this);
    session.copier().heldBack().forget(cursor.conflation());
    withdraw();
  }

  private void withdraw() {
    var asked = batch;
    batch = null;
    if (asked != null) {
      asked.withdraw(numberInBatch, this);
      session.becomeReady();
    }
  }

  /// A topic that is wanted by its name is not given up while nothing is published on it.
  private void countByName() {
    boolean counts = exact != null && isAdmitted();
    if (counts != countedByName) {
      countedByName = counts;
      topic().named.addAndGet(counts ? 1 : -1);
    }
  }

  // Membership; for the cohort and the section.

  void enter(Members newMembers, int newSlot) {
    members = newMembers;
    slot = newSlot;
  }

  void leaveMembers() {
    members = null;
    slot = -1;
  }

  void leave() {
    if (members != null) {
      members.remove(this);
    } else {
      lagNoMore();
    }
  }

  /// Goes on with a cursor of its own instead of being copied what its section delivers in this
  /// turn.
  void fallBehind() {
    var stands = members;
    if (stands != null) {
      stands.remove(this);
      lagFrom(section().chunk(), section().index());
      session.becomeReady();
    }
  }

  /// Goes on with a cursor of its own.
  void lagFrom(Chunk from, int frame) {
    cursor.set(from, frame);
    cohort.lane().laggards.incrementAndGet();
    session.catchUp().add(this);
  }

  private void lagNoMore() {
    if (cursor.isSet()) {
      cursor.clear();
      session.catchUp().remove(this);
      cohort.lagsNoMore();
    }
  }

  /// Whether it could be written to in this turn.
  boolean hasMore() {
    return cursor.isSet() && batch == null && cursor.hasMore();
  }

  /// What its section delivers in this turn, unless it has begun to lag in it.
  void copyDelivery(Ranges ranges, CopyPath path) {
    if (members != null) {
      cursor.copyDelivery(ranges, path);
    }
  }

  /// Has its session woken once its conflation lets it go on; returns false if that is now.
  boolean waitIfHeld() {
    var conflation = cursor.conflation();
    if (conflation == null || !cursor.waitsForItsTime()) {
      return false;
    }
    session.copier().heldBack().add(this, conflation);
    return true;
  }

  void heldNoMore() {
    if (cursor.isSet()) {
      session.becomeReady();
    }
  }

  /// Joins its section if it has caught up with it; returns false if it has to be looked at again.
  boolean settle() {
    if (cursor.isSet() && batch == null && cursor.hasCaughtUp()) {
      lagNoMore();
      section().rejoin(this);
    }
    return !cursor.isSet() || waitIfHeld();
  }
}
