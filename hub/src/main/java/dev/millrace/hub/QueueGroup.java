package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sessions that share the messages of a topic: one cursor, from which each frame goes to one
/// member, round robin over those that have room. A member has room while less than its limit is on
/// its way to it and its connection keeps up; what it has not written comes back when it jams or
/// leaves, and goes to others before anything new.
///
/// While no member has room, frames wait in the log; too many bytes of that close the members that
/// are jammed. Confined to the topic's loop; members are told by tasks of theirs.
final class QueueGroup {
  /// Frames handed out in one turn.
  private static final int PER_TURN = 4_096;

  /// One member, as the group sees it.
  static final class Seat {
    private final GroupMember member;
    private int room;
    private boolean open; // answered, and not jammed
    private boolean gone;
    private FrameBatch outgoing = new FrameBatch();

    Seat(GroupMember member, int room) {
      this.member = member;
      this.room = room;
    }
  }

  private final HubShard owner;
  private final Lane lane;
  private final String name;
  private final List<Seat> seats = new ArrayList<>();
  private final FrameBatch returned = new FrameBatch();
  private @Nullable Chunk chunk; // until the group has ended
  private int index;
  private int nextSeat;
  private boolean lags;
  private boolean dirty;

  QueueGroup(HubShard owner, Lane lane, String name) {
    this.owner = owner;
    this.lane = lane;
    this.name = name;
    var start = lane.add(this);
    this.chunk = start;
    this.index = Chunk.frames(start.published());
  }

  Lane lane() {
    return lane;
  }

  String name() {
    return name;
  }

  /// Bytes of the log that wait for a member.
  long lagBytes() {
    var here = chunk;
    return here == null ? 0 : Math.max(0, lane.publishedBytes() - here.bytesBefore(index));
  }

  // What members tell; each on the topic's loop.

  Seat join(GroupMember member) {
    var seat = new Seat(member, owner.spec().delivery().groupQueue());
    seats.add(seat);
    lane.topic().subscribers.incrementAndGet();
    lane.topic().named.incrementAndGet();
    return seat;
  }

  /// The member can be given frames, now or again.
  void opened(Seat seat) {
    seat.open = true;
    signal();
  }

  /// The member has written so many frames.
  void written(Seat seat, int frames) {
    seat.room += frames;
    if (lags || !returned.isEmpty()) {
      signal();
    }
  }

  /// The member will not write these, and takes none until it is opened.
  void jammed(Seat seat, FrameBatch unwritten) {
    seat.open = false;
    takeBack(seat, unwritten);
  }

  /// The member is gone, and these it has not written.
  void left(Seat seat, FrameBatch unwritten) {
    if (!seat.gone) {
      seat.gone = true;
      seats.remove(seat);
      lane.topic().subscribers.decrementAndGet();
      lane.topic().named.decrementAndGet();
    }
    takeBack(seat, unwritten);
    if (seats.isEmpty()) {
      end();
    }
  }

  private void takeBack(Seat seat, FrameBatch unwritten) {
    seat.room += unwritten.size();
    if (chunk == null) {
      unwritten.release();
    } else {
      returned.addAll(unwritten);
      signal();
    }
  }

  // Handing out.

  /// New frames are in the lane, or a member has room again.
  void signal() {
    if (!dirty && chunk != null) {
      dirty = true;
      owner.groups().addDirty(this);
    }
  }

  /// Hands out what waits, as far as members have room.
  void distribute() {
    dirty = false;
    int open = PER_TURN;
    var seat = nextWithRoom();
    while (open > 0 && seat != null && (!returned.isEmpty() || findFrame())) {
      open--;
      seat.room--;
      if (returned.isEmpty()) {
        var here = here();
        seat.outgoing.add(here.hold(), index++);
      } else {
        seat.outgoing.add(returned.chunk(), returned.frame());
        returned.removeFirst();
      }
      seat = nextWithRoom();
    }
    for (var sent : seats) {
      if (!sent.outgoing.isEmpty()) {
        var batch = sent.outgoing;
        sent.outgoing = new FrameBatch();
        sent.member.deliver(batch);
      }
    }
    if (open == 0) {
      signal();
    }
    judge();
  }

  private @Nullable Seat nextWithRoom() {
    for (int i = seats.size(); i > 0; i--) {
      nextSeat = nextSeat < seats.size() ? nextSeat : 0;
      var seat = seats.get(nextSeat++);
      if (seat.open && seat.room > 0) {
        return seat;
      }
    }
    return null;
  }

  /// Moves the cursor to the next frame; false if there is none.
  private boolean findFrame() {
    while (chunk != null) {
      var here = here();
      var next = here.next();
      if (index < Chunk.frames(here.published())) {
        return true;
      }
      if (next == null) {
        return false;
      }
      chunk = next.retain();
      here.release();
      index = 0;
    }
    return false;
  }

  /// Tells the lane whether the group lags, and closes who is in the way when it lags too much.
  private void judge() {
    boolean behind = findFrame();
    if (behind != lags) {
      lags = behind;
      if (behind) {
        lane.laggards.incrementAndGet();
      } else if (lane.laggards.decrementAndGet() == 0) {
        lane.settle();
      }
    }
    long limit = owner.spec().maxLag().bytes();
    if (lags && lagBytes() > limit) {
      closeJammed("Reads too slowly: its queue group is more than " + limit + " bytes behind");
    }
  }

  private void closeJammed(String reason) {
    for (var seat : List.copyOf(seats)) {
      if (!seat.open) {
        seat.member.tooSlow(reason);
      }
    }
  }

  // The end.

  /// Gives up what waits: the hub is short of memory. The members are closed.
  void shed() {
    for (var seat : List.copyOf(seats)) {
      seat.member.tooSlow("The server is short of memory and this queue group does not keep up");
    }
    end();
  }

  private void end() {
    var here = chunk;
    if (here == null) {
      return;
    }
    chunk = null;
    returned.release();
    here.release();
    if (lags) {
      lags = false;
      if (lane.laggards.decrementAndGet() == 0) {
        lane.settle();
      }
    }
    owner.groups().ended(this);
  }

  private Chunk here() {
    var known = chunk;
    if (known == null) {
      throw new IllegalStateException("the group " + name + " has ended");
    }
    return known;
  }
}
