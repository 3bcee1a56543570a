package dev.millrace.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/// How many sessions a second can come, be greeted and leave? Each leaves as soon as it was
/// greeted, with the closing handshake; a session that is refused, or not closed in order, fails
/// the load.
public final class VisitLoad {
  private static final int COMING_AT_ONCE = 64;
  private static final int INSIDE_AT_ONCE = 256; // those whose closing is under way included

  private final Target target;
  private final boolean greets;
  private final int visits;
  private final SocketLoop loop;
  private final Guests guests = new Guests();

  private VisitLoad(Target target, boolean greets, int visits, SocketLoop loop) {
    this.target = target;
    this.greets = greets;
    this.visits = visits;
    this.loop = loop;
  }

  /// What it came to: `visits` sessions were greeted within `seconds`.
  public record Result(int visits, double seconds, double serverCpuSeconds) {
    public double perSecond() {
      return visits / seconds;
    }

    /// NaN when the server's processor time was too short to be seen.
    public double perServerCpuSecond() {
      return serverCpuSeconds > 0 ? visits / serverCpuSeconds : Double.NaN;
    }
  }

  /// Runs `visits` sessions on the calling thread.
  ///
  /// @param greets whether the server says `server_ready`; otherwise its consent to the WebSocket
  ///     is the greeting
  public static Result run(
      Target target, boolean greets, int visits, Duration patience, Supplier<Duration> serverCpu)
      throws IOException {
    try (var loop = new SocketLoop()) {
      return new VisitLoad(target, greets, visits, loop).run(patience, serverCpu);
    }
  }

  private Result run(Duration patience, Supplier<Duration> serverCpu) throws IOException {
    var cpuBefore = serverCpu.get();
    long begun = System.nanoTime();
    long deadline = begun + patience.toNanos();
    double seconds = 0;
    int started = 0;
    while (guests.left < visits) {
      while (started < visits
          && started - guests.ready < COMING_AT_ONCE
          && started - guests.left < INSIDE_AT_ONCE) {
        var _ = new Visitor(target, target.subscribePath("bench"), loop.selector(), guests, greets);
        started++;
      }
      loop.turn(SocketLoop.SLICE_MILLIS);
      loop.requireAllAlive();
      if (seconds == 0 && guests.ready == visits) {
        seconds = (System.nanoTime() - begun) / 1e9;
      }
      for (var visitor = guests.fresh.poll(); visitor != null; visitor = guests.fresh.poll()) {
        visitor.leave();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "%d of %d sessions came and %d left within %s"
                .formatted(guests.ready, visits, guests.left, patience));
      }
    }
    return new Result(visits, seconds, serverCpu.get().minus(cpuBefore).toNanos() / 1e9);
  }
}
