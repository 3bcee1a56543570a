package dev.millrace.gateway.auth;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.net.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Finds open connections whose lease has ended, within about a second. Each loop looks over its
/// own leases, a bounded number in a turn, and only when the policy has changed or a token of its
/// own has expired: at other times nothing is looked at.
///
/// Constructed and closed from any thread; [#watch] on the connection's loop.
public final class LeaseWatch implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int PER_TURN = 4_096;
  private static final int GONE = -1;

  private final AccessControl access;
  private final Metrics metrics;
  private final Map<Loop, Ward> wards = new HashMap<>(); // never changed after construction
  private final Clock.Timer timer;

  /// Whoever keeps a connection open.
  @FunctionalInterface
  public interface Holder {
    /// The connection has to go. On its loop, once.
    void leaseEnded(Lease.End end);
  }

  /// A lease that is watched, until [#forget]. Confined to the loop.
  public static final class Watched {
    private final Ward ward;
    private final Lease lease;
    private final Holder holder;
    private int index;

    private Watched(Ward ward, Lease lease, Holder holder, int index) {
      this.ward = ward;
      this.lease = lease;
      this.holder = holder;
      this.index = index;
    }

    public Lease lease() {
      return lease;
    }

    /// The connection has gone. Idempotent.
    public void forget() {
      ward.remove(this);
    }
  }

  public LeaseWatch(AccessControl access, List<Loop> loops, Clock clock, Metrics metrics) {
    this.access = access;
    this.metrics = metrics;
    loops.forEach(loop -> wards.put(loop, new Ward(loop)));
    this.timer = clock.every(PERIOD, this::sweepEverywhere);
  }

  /// Watches `lease` for a connection of `loop`. A lease that has ended already since it was given
  /// is told of in a later turn.
  public Watched watch(Loop loop, Lease lease, Holder holder) {
    var ward = wards.get(loop);
    if (ward == null) {
      throw new IllegalArgumentException("nothing is watched on loop " + loop.index());
    }
    return ward.add(lease, holder);
  }

  /// Looks at nothing any more.
  @Override
  public void close() {
    timer.cancel();
  }

  private void sweepEverywhere() {
    wards.forEach((loop, ward) -> loop.execute(ward::sweep));
  }

  /// The leases of one loop. Confined to it.
  private final class Ward {
    private final Loop loop;
    private final ArrayList<Watched> all = new ArrayList<>();
    private long sweptGeneration = access.generation();
    private long nextExpirySeconds = Long.MAX_VALUE;
    private int unswept; // of the round that is under way; it goes from the end to the beginning

    Ward(Loop loop) {
      this.loop = loop;
    }

    Watched add(Lease lease, Holder holder) {
      var watched = new Watched(this, lease, holder, all.size());
      all.add(watched);
      if (lease.generation() != access.generation()) {
        loop.execute(() -> look(watched)); // the policy changed during its handshake
      }
      nextExpirySeconds = Math.min(nextExpirySeconds, lease.expiresAtSeconds());
      return watched;
    }

    void remove(Watched watched) {
      if (watched.index == GONE) {
        return;
      }
      var last = all.removeLast();
      if (last != watched) {
        all.set(watched.index, last);
        last.index = watched.index;
      }
      watched.index = GONE;
    }

    void sweep() {
      if (unswept == 0) {
        long generation = access.generation();
        if (generation == sweptGeneration && access.nowSeconds() < nextExpirySeconds) {
          return;
        }
        sweptGeneration = generation;
        nextExpirySeconds = Long.MAX_VALUE;
        unswept = all.size();
      }
      unswept = Math.min(unswept, all.size());
      for (int i = 0; i < PER_TURN && unswept > 0; i++) {
        // Removing moves the last one into the gap; it is looked at twice or was looked at before.
        look(all.get(--unswept));
        unswept = Math.min(unswept, all.size());
      }
      if (unswept > 0) {
        loop.execute(this::sweep);
      }
    }

    private void look(Watched watched) {
      if (watched.index == GONE) {
        return;
      }
      var end = watched.lease.end();
      if (end == null) {
        nextExpirySeconds = Math.min(nextExpirySeconds, watched.lease.expiresAtSeconds());
        return;
      }
      remove(watched);
      metrics.counter(AuthMetric.ENDED, end.name().toLowerCase(Locale.ROOT)).inc();
      watched.holder.leaseEnded(end);
    }
  }
}
