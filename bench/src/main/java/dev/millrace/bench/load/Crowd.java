package dev.millrace.bench.load;

import java.io.IOException;
import java.time.Duration;

/// Sessions that are subscribed to one topic each and receive nothing but heartbeats. For one
/// thread, which has to [#tend] them.
public final class Crowd implements AutoCloseable {
  private static final int CONNECTING_AT_ONCE = 256; // stays within a server's accept queue

  private final Target target;
  private final int topics;
  private final SocketLoop loop = new SocketLoop();
  private final Guests guests = new Guests();
  private int size;

  /// The sessions take the topics in turns.
  public Crowd(Target target, int topics) throws IOException {
    if (topics < 1) {
      throw new IllegalArgumentException("topics " + topics + " < 1");
    }
    this.target = target;
    this.topics = topics;
  }

  /// Sessions that are subscribed.
  public int size() {
    return size;
  }

  /// Connects until there are `sessions`, and returns when all of them are subscribed.
  ///
  /// @throws IOException if one cannot, or it takes longer than `patience`
  public void growTo(int sessions, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (guests.subscribed < sessions) {
      while (size < sessions && size - guests.subscribed < CONNECTING_AT_ONCE) {
        var path = target.subscribePath("bench-%05d".formatted(size++ % topics));
        var _ = new Visitor(target, path, loop.selector(), guests, true);
      }
      turn();
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "%d of %d sessions subscribed after %s"
                .formatted(guests.subscribed, sessions, patience));
      }
    }
    if (guests.ready != guests.subscribed) {
      throw new IOException(
          "%d sessions were greeted and %d subscribed".formatted(guests.ready, guests.subscribed));
    }
    guests.fresh.clear();
  }

  /// Answers what the server asks of idle sessions, for `time`.
  ///
  /// @throws IOException if it has lost one
  public void tend(Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    do {
      turn();
    } while (System.nanoTime() - end < 0);
  }

  @Override
  public void close() throws IOException {
    loop.close();
  }

  private void turn() throws IOException {
    loop.turn(SocketLoop.SLICE_MILLIS);
    loop.requireAllAlive();
  }
}
