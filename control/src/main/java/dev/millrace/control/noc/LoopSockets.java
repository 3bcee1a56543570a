package dev.millrace.control.noc;

import dev.millrace.net.Loop;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/// The operators' sockets of one loop, and the events on their way to them. Events are handed over
/// in batches: while a hand-over waits for its turn, further events join it. What the loop does not
/// take in time is left out for its sockets and counted, so whoever announces never waits.
final class LoopSockets {
  /// Events given to the sockets in one turn of the loop, which others need too.
  private static final int TURN = 64;

  private final Loop loop;
  private final Supplier<NocSpec> spec;
  private final CounterDataPoint leftOut;
  private final List<NocSession> sessions = new ArrayList<>(); // confined to the loop
  private volatile boolean empty = true; // written by the loop

  // Guarded by inbox.
  private final ArrayDeque<byte[]> inbox = new ArrayDeque<>();
  private long inboxBytes;
  private boolean scheduled;

  LoopSockets(Loop loop, Supplier<NocSpec> spec, CounterDataPoint leftOut) {
    this.loop = loop;
    this.spec = spec;
    this.leftOut = leftOut;
  }

  Loop loop() {
    return loop;
  }

  /// Whether nobody listens here. From any thread.
  boolean isEmpty() {
    return empty;
  }

  /// On the loop.
  void add(NocSession session) {
    sessions.add(session);
    empty = false;
  }

  /// On the loop.
  void remove(NocSession session) {
    sessions.remove(session);
    empty = sessions.isEmpty();
  }

  /// Every socket, as of now. On the loop.
  List<NocSession> all() {
    return List.copyOf(sessions);
  }

  /// Gives an event to all sockets of the loop. From any thread; never waits.
  void offer(byte[] frame) {
    if (empty) {
      return;
    }
    synchronized (inbox) {
      var limits = spec.get();
      if (inbox.size() >= limits.nocQueueMessages()
          || (!inbox.isEmpty() && inboxBytes + frame.length > limits.nocQueueBytes().bytes())) {
        leftOut.inc();
        return;
      }
      inbox.add(frame);
      inboxBytes += frame.length;
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    execute(this::deliver);
  }

  /// Runs `work` on the loop, unless the loop has ended with everything on it.
  void execute(Runnable work) {
    try {
      loop.execute(work);
    } catch (RejectedExecutionException ended) {
      synchronized (inbox) {
        inbox.clear();
        inboxBytes = 0;
      }
    }
  }

  private void deliver() {
    var turn = new ArrayList<byte[]>();
    boolean more;
    synchronized (inbox) {
      while (turn.size() < TURN && !inbox.isEmpty()) {
        var frame = inbox.remove();
        inboxBytes -= frame.length;
        turn.add(frame);
      }
      more = !inbox.isEmpty();
      scheduled = more;
    }
    if (more) {
      execute(this::deliver); // comes after this turn, whatever becomes of it
    }
    for (var session : all()) {
      turn.forEach(session::offer);
      session.pump();
    }
  }
}
