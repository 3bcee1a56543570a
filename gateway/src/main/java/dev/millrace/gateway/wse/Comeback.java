package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.restore.RestoreStore;

/// What a user's connection leaves to the next: its place, if the user has too many, and its
/// subscriptions, if it ended uncleanly. Some clients reconnect without saying what they were
/// subscribed to. Anonymous callers are users of their own, and leave nothing. Called on the loop
/// of the connection.
final class Comeback {
  private Comeback() {}

  /// Makes room for a new connection of its user.
  static void replaceOldest(WseSession session) {
    int most = session.context().clients().maxConnectionsPerUser();
    var user = session.client().name().known();
    if (most > 0 && user != null) {
      var oldest = session.context().users.entered(user, session, most);
      if (oldest != null) {
        oldest.ending().replaced();
      }
    }
  }

  /// Subscribes a connection that named no topics to what its user had.
  static void restore(WseSession session) {
    var context = session.context();
    var user = session.client().name().known();
    if (user == null) {
      return;
    }
    var grace = context.clients().restoreGrace();
    var kept = context.restore.take(user, grace, context.clock.nanoTime());
    if (kept != null) {
      context.counters.restored.inc();
      SubscriptionMessages.restore(session, kept);
    }
  }

  /// The connection is gone; `clean` if its client said goodbye.
  static void left(WseSession session, boolean clean) {
    var user = session.client().name().known();
    if (user == null) {
      return;
    }
    var context = session.context();
    context.users.left(user, session);
    var clients = context.clients();
    if (clean || clients.restoreGrace().isZero()) {
      return;
    }
    var kept = KeptSubscriptions.of(session.hubSession().topics(), session.client().options());
    if (!kept.isEmpty()) {
      var limits = new RestoreStore.Limits(clients.restoreGrace(), clients.restoreMemory().bytes());
      int gone = context.restore.keep(user, kept, kept.bytes(), limits, context.clock.nanoTime());
      context.counters.forgotten.inc(gone);
    }
  }
}
