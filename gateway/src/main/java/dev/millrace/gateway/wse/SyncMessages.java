package dev.millrace.gateway.wse;

import java.util.ArrayList;
import java.util.List;

/// `sync_request` and its other names: the client wants to know how things stand. It is always
/// answered by `snapshot_complete`, because clients ask no further before that has come.
final class SyncMessages {
  private static final int MOST_TOPICS = 1_000;

  private SyncMessages() {}

  /// Without topics it is about all that the connection is subscribed to.
  static void sync(WseSession session, Inbound.Request request) {
    session.context().counters.syncs.inc();
    var payload = request.payload();
    var topics = new ArrayList<String>();
    for (var topic : payload.path("topics")) {
      if (topic.isString() && topics.size() < MOST_TOPICS) {
        topics.add(topic.asString());
      }
    }
    if (topics.isEmpty()) {
      session.hubSession().topics().stream().sorted().limit(MOST_TOPICS).forEach(topics::add);
    }
    boolean wanted = payload.path("include_snapshots").asBoolean(true);
    ask(
        session,
        new SnapshotRun.Ask(
            topics, wanted, payload.path("last_sequence").asLong(0), request.correlationId()));
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
    var run = session.client().snapshots;
    if (run == null) {
      run = new SnapshotRun(session);
      session.client().snapshots = run;
    }
    run.add(ask);
  }
}
