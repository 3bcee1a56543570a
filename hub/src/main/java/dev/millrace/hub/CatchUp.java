package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;

/// What one session is written besides what its cohorts share: from the cursors of subscriptions
/// that lag, in turns, and its shares of queue groups. Confined to the session's loop.
final class CatchUp {
  private final Session session;
  private final List<Subscription> lagging = new ArrayList<>(0);
  private int next;
  private final List<Chunk> inFlight = new ArrayList<>(0); // what the write under way holds
  private long unfinishedBytes; // that an unfinished write keeps in memory
  private int watchSlot = -1; // in the shard's LagWatch, while something lags or is unfinished

  CatchUp(Session session) {
    this.session = session;
  }

  List<Subscription> lagging() {
    return lagging;
  }

  void add(Subscription subscription) {
    lagging.add(subscription);
    watch();
  }

  void remove(Subscription subscription) {
    lagging.remove(subscription);
    watch();
  }

  /// The write under way is unfinished: it keeps in memory what it took, and so many bytes of the
  /// session's own.
  void unfinished(long ownBytes) {
    session.subscriptions().holdDelivered(session.shard().delivering(), inFlight);
    unfinishedBytes = ownBytes;
    for (var chunk : inFlight) {
      unfinishedBytes += chunk.capacity();
    }
    watch();
  }

  /// The write under way is finished.
  void finished() {
    for (var chunk : inFlight) {
      chunk.unhold();
    }
    inFlight.clear();
    unfinishedBytes = 0;
    watch();
  }

  private void watch() {
    boolean watched = watchSlot >= 0;
    boolean holds = unfinishedBytes > 0 || !lagging.isEmpty();
    if (holds && !watched) {
      session.shard().laggards().add(session);
    } else if (watched && !holds) {
      session.shard().laggards().remove(session);
    }
  }

  int watchSlot() {
    return watchSlot;
  }

  void watchSlot(int slot) {
    watchSlot = slot;
  }

  /// Messages it has still to receive.
  long lagMessages() {
    long messages = 0;
    for (var subscription : lagging) {
      messages += subscription.cursor().lagMessages();
    }
    return messages;
  }

  /// Bytes in memory because of it, left out, still to be sent or on their way.
  long heldBytes() {
    long bytes = unfinishedBytes;
    for (var subscription : lagging) {
      bytes += subscription.cursor().heldBytes();
    }
    return bytes;
  }

  /// Writes on within the turn's byte limit. Returns whether something is left for the next turn.
  boolean goOn(Ranges ranges) {
    for (int i = lagging.size(); i > 0; i--) {
      next = next < lagging.size() ? next : 0;
      var subscription = lagging.get(next++);
      if (subscription.hasMore() && !goOn(subscription, ranges)) {
        return true;
      }
    }
    if (session.subscriptions().hasGroups()) {
      for (var member : session.subscriptions().groups()) {
        if (!member.isEmpty() && !writeShare(member, ranges)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Has those rejoin their cohorts that have caught up. Returns whether another has to be looked
  /// at again.
  boolean settle() {
    boolean waits = false;
    for (int i = lagging.size() - 1; i >= 0; i--) {
      waits |= !lagging.get(i).settle();
    }
    return waits;
  }

  /// Writes on from a cursor; returns false if the turn's limit leaves something for the next.
  private boolean goOn(Subscription subscription, Ranges ranges) {
    int room = session.turnRoom();
    var cursor = subscription.cursor();
    if (room == 0 || (subscription.makesCopies() && !session.copies().hasMemory())) {
      return false;
    }
    long gap = cursor.takeGap();
    if (gap != Backlog.NONE) {
      session.skipped(subscription.topic(), gap);
      return false; // what it says of that goes first
    }
    var replay = cursor.copyingReplay(session.refreshes());
    if (replay != null) {
      var form = subscription.cohort().form();
      var copies = session.copying();
      session.took(copies.copy(replay, subscription.topic(), form, cursor.isStale(), room));
      cursor.endReplayIfDone();
      return !subscription.hasMore();
    }
    cursor.collect(ranges, room, session.refreshes());
    if (ranges.count() > 0 && (subscription.copies() || cursor.isStale())) {
      session.copying().copy(ranges, subscription.topic(), cursor.isStale());
      session.took(ranges.bytes());
    } else if (ranges.count() > 0) {
      session.writeOwn(ranges);
      for (int i = 0; i < ranges.count(); i++) {
        inFlight.add(ranges.chunk(i).hold());
      }
    }
    cursor.moveTo(ranges.endChunk(), ranges.endIndex());
    return !subscription.hasMore();
  }

  /// Writes what waits for a member of a queue group; returns false if the turn's limit leaves
  /// something for the next.
  private boolean writeShare(GroupMember member, Ranges ranges) {
    int room = session.turnRoom();
    if (room == 0) {
      return false;
    }
    var reencoder = member.reencoder();
    boolean stale = session.refreshes() && member.isStale(session.copier());
    boolean copies = session.rewrites() || stale || reencoder != null;
    if (copies && !session.copies().hasMemory()) {
      return false;
    }
    member.collect(ranges, room);
    if (reencoder != null) {
      session.copying().copy(ranges, member.topic(), reencoder, member.form(), stale);
      session.took(ranges.bytes());
    } else if (copies) {
      session.copying().copy(ranges, member.topic(), stale);
      session.took(ranges.bytes());
    } else {
      session.writeOwn(ranges);
    }
    for (int i = 0; i < ranges.count(); i++) {
      inFlight.add(ranges.chunk(i)); // with the hold it had in the queue
    }
    member.written(ranges.messages());
    return member.isEmpty();
  }
}
