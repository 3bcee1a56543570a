package dev.millrace.gateway.wse;

import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import java.util.ArrayList;
import java.util.List;

/// `sync_request` and its other names: the client wants to know how things stand. It is always
/// answered by `snapshot_complete`, because clients ask no further before that has come.
final class SyncMessages {
  private static final int MOST_TOPICS = 1_000;

  private SyncMessages() {}

  /// Without topics it is about all that the connection is subscribed to, those included that it
  /// has asked for and somebody is still deciding about.
  static void sync(WseSession session, Inbound.Request request) {
    session.context().counters.syncs.inc();
    var payload = request.payload();
    var topics = new ArrayList<String>();
    for (var topic : payload.path("topics")) {
      if (topic.isString() && topics.size() < MOST_TOPICS) {
        topics.add(topic.asString());
      }
    }
    boolean wanted = payload.path("include_snapshots").asBoolean(true);
    long lastSequence = payload.path("last_sequence").asLong(0);
    var correlationId = request.correlationId();
    if (topics.isEmpty()) {
      session
          .client()
          .whenDecided(
              () ->
                  ask(
                      session,
                      new SnapshotRun.Ask(own(session), wanted, lastSequence, correlationId)));
      return;
    }
    // Who may not follow a topic may not see its state either.
    session
        .context()
        .topics
        .decide(
            Caller.of(session.subscriber().lease().principal()),
            Action.SUBSCRIBE,
            topics,
            session.loop(),
            decision ->
                ask(
                    session,
                    new SnapshotRun.Ask(
                        ChannelAccess.visible(session, decision),
                        wanted,
                        lastSequence,
                        correlationId)));
  }

  private static List<String> own(WseSession session) {
    return session.hubSession().topics().stream().sorted().limit(MOST_TOPICS).toList();
  }

  /// The client's answer to our asking; it needs no answer.
  static void answered(WseSession session, Inbound.Request request) {
    session.context().counters.syncs.inc();
  }

  /// Sends the snapshots of topics that were just subscribed to.
  static void begin(WseSession session, List<String> topics) {
    ask(session, new SnapshotRun.Ask(topics, true, 0, null));
  }

  private static void ask(WseSession session, SnapshotRun.Ask ask) {
    if (!session.isOpen()) {
      return;
    }
    var run = session.client().snapshots;
    if (run == null) {
      run = new SnapshotRun(session);
      session.client().snapshots = run;
    }
    run.add(ask);
  }
}
