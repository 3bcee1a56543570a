package dev.millrace.bench.reference;

import java.util.Arrays;

/// The subscribers, in no order, without holes. Confined to the hub's thread.
final class Audience {
  private Peer[] seats = new Peer[1_024];
  private int size;

  int size() {
    return size;
  }

  Peer get(int seat) {
    return seats[seat];
  }

  void add(Peer peer) {
    if (size == seats.length) {
      seats = Arrays.copyOf(seats, size * 2);
    }
    peer.seat = size;
    seats[size++] = peer;
  }

  /// Removes `peer`, if it is in; the last subscriber takes its seat.
  void remove(Peer peer) {
    if (peer.seat < 0) {
      return;
    }
    var last = seats[--size];
    seats[peer.seat] = last;
    last.seat = peer.seat;
    peer.seat = -1;
  }
}
