package dev.millrace.gateway.wse;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.util.RawValue;

/// Snapshots on their way to one client: one frame is made when the one before has left, so a slow
/// client holds one of them in memory. Requests are served one after the other. Confined to the
/// connection's loop.
final class SnapshotRun {
  private static final Logger log = LoggerFactory.getLogger(SnapshotRun.class);
  private static final int MOST_WAITING = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final WseSession session;
  private final ArrayDeque<Ask> waiting = new ArrayDeque<>(2);
  private final List<String> sent = new ArrayList<>(); // of the one in hand
  private @Nullable Ask inHand;
  private @Nullable Iterator<? extends SnapshotProvider.Snapshot> states; // once they are there
  private int number; // of the one in hand: what comes too late is for another
  private boolean scheduled;

  /// What was asked for. `lastSequence` is the client's own number, repeated to it.
  record Ask(
      List<String> topics, boolean wanted, long lastSequence, @Nullable String correlationId) {
    Ask {
      topics = List.copyOf(topics);
    }
  }

  SnapshotRun(WseSession session) {
    this.session = session;
  }

  void add(Ask ask) {
    if (inHand == null) {
      begin(ask);
    } else if (waiting.size() < MOST_WAITING) {
      waiting.add(ask);
    } else {
      complete(ask, List.of(), false, "Too many snapshots are under way");
    }
  }

  /// The socket has taken everything: one more goes out, whatever else waits for the socket.
  void goOnNow() {
    if (!scheduled) {
      goOn();
    }
  }

  private void goOnSoon() {
    if (states != null && !scheduled) {
      scheduled = true;
      session.loop().execute(this::goOn);
    }
  }

  private void begin(Ask ask) {
    inHand = ask;
    int mine = ++number;
    sent.clear();
    if (!ask.wanted || ask.topics.isEmpty()) {
      arrived(mine, Collections.emptyIterator());
      return;
    }
    CompletionStage<? extends Iterator<SnapshotProvider.Snapshot>> asked;
    try {
      asked = session.context().extensions.snapshots().snapshots(session.userId(), ask.topics);
    } catch (RuntimeException failure) {
      failed(mine, failure);
      return;
    }
    var loop = session.loop();
    var deadline = loop.deadlines().create(() -> failed(mine, null));
    deadline.set(PATIENCE);
    var _ =
        asked.whenComplete(
            (found, failure) ->
                loop.execute(
                    () -> {
                      deadline.clear();
                      if (failure == null) {
                        arrived(mine, found);
                      } else {
                        failed(mine, failure);
                      }
                    }));
  }

  private void arrived(int mine, Iterator<? extends SnapshotProvider.Snapshot> found) {
    if (mine == number && session.isOpen()) {
      states = found;
      goOnSoon();
    }
  }

  private void goOn() {
    scheduled = false;
    var left = states;
    if (left == null || !session.isOpen() || session.hubSession().isBlocked()) {
      return; // told again when the socket has taken what it was given
    }
    try {
      if (left.hasNext()) {
        send(left.next());
        goOnSoon();
      } else {
        end(true, "Initial sync complete");
      }
    } catch (RuntimeException failure) {
      failed(number, failure);
    }
  }

  private void send(SnapshotProvider.Snapshot snapshot) {
    var context = session.context();
    var payload = SystemFrames.object().put("topic", snapshot.topic());
    payload.putRawValue("data", new RawValue(new String(snapshot.state(), StandardCharsets.UTF_8)));
    payload.put("timestamp", context.frames.nowText());
    var frame = context.frames.data(snapshot.type(), payload, null);
    if (frame == null) {
      var sentence = "The snapshot of " + Intake.shortened(snapshot.topic()) + " is too large";
      session.reply(
          context.frames.tooLarge(sentence, Handshake.MAX_MESSAGE, session.connectionId()));
    } else {
      context.counters.snapshots.inc();
      sent.add(snapshot.topic());
      session.reply(frame);
    }
  }

  /// `failure` is null when nothing came in time.
  private void failed(int mine, @Nullable Throwable failure) {
    if (mine == number && session.isOpen() && inHand != null) {
      session.context().counters.snapshotFailures.inc();
      if (failure != null && !isUnavailable(failure)) {
        log.warn("No snapshots for {}", session.connectionId(), failure);
      }
      var why = failure == null ? "did not come in time" : "could not be had";
      end(false, "The snapshots " + why + "; ask again later");
    }
  }

  /// Stages wrap what they fail with.
  private static boolean isUnavailable(Throwable failure) {
    return failure instanceof SnapshotProvider.Unavailable
        || failure.getCause() instanceof SnapshotProvider.Unavailable;
  }

  private void end(boolean success, String message) {
    var ask = inHand;
    inHand = null;
    states = null;
    number++;
    if (ask != null) {
      complete(ask, List.copyOf(sent), success, message);
    }
    var next = waiting.poll();
    if (next == null) {
      session.client().snapshots = null;
    } else {
      begin(next);
    }
  }

  private void complete(Ask ask, List<String> topics, boolean success, String message) {
    var payload = SystemFrames.object().put("message", message).put("success", success);
    SubscriptionAck.listWithinLimit(payload, "snapshots_sent", topics);
    var details = payload.putObject("details").put("sequence", session.framesSent());
    SubscriptionAck.listWithinLimit(details, "topics", ask.topics);
    details
        .put("timestamp", session.context().frames.nowText())
        .put("last_sequence_processed", ask.lastSequence)
        .put("connection_id", session.connectionId());
    SubscriptionAck.listWithinLimit(payload, "topics", topics);
    payload.put("count", topics.size());
    session.send("snapshot_complete", payload, ask.correlationId);
  }
}
