package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.restore.RestoreStore;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// What a connection leaves to the next: its user's place, if the user has too many, and its
/// subscriptions, if it ended uncleanly. Some clients reconnect without saying what they were
/// subscribed to; others show the token of the session they had. Without tokens anonymous callers
/// are users of their own, and leave nothing; with them every instance knows what it kept itself.
/// Called on the loop of the connection, but for what says otherwise.
final class Comeback {
  /// How long a client that comes back has to show its token in a hello.
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /// Sessions of one user that are kept where tokens tell them apart.
  private static final int SESSIONS_PER_USER = 16;

  /// What a hello asks back: `shown` with a token, and what was kept, if anything was.
  record Claim(boolean shown, @Nullable KeptSubscriptions kept) {}

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

  /// Subscribes a connection that named no topics to what its user had. Where there are tokens this
  /// waits for the client's hello, which may show another session's.
  static void restore(WseSession session) {
    if (session.client().name().known() == null) {
      return;
    }
    if (session.context().terms().sessions() == null) {
      restoreLatest(session);
      return;
    }
    var deadline = session.loop().deadlines().create(() -> helloIsMissing(session));
    session.client().awaitsHello(deadline);
    deadline.set(PATIENCE);
  }

  private static void helloIsMissing(WseSession session) {
    if (session.client().stopAwaitingHello()) {
      restoreLatest(session);
    }
  }

  private static void restoreLatest(WseSession session) {
    var shared = shared(session);
    if (shared == null) {
      restored(session, latest(session));
    } else if (!limits(session).grace().isZero()) {
      shared.takeBack();
    }
  }

  /// The client has subscribed to topics, or unsubscribed from them.
  static void changed(WseSession session, Collection<String> topics) {
    var shared = shared(session);
    if (shared != null) {
      shared.changed(topics);
    }
  }

  /// Once per heartbeat interval.
  static void beat(WseSession session) {
    var shared = session.client().belongings;
    if (shared != null) {
      shared.beat();
    }
  }

  /// The connection is gone; `clean` if its client said goodbye.
  static void left(WseSession session, boolean clean) {
    session.client().stopAwaitingHello();
    var user = session.client().name().known();
    if (user != null) {
      session.context().users.left(user, session);
    }
    var shared = session.client().belongings;
    if (shared != null) {
      shared.left(clean);
      return;
    }
    boolean findable = user != null || session.context().terms().sessions() != null;
    if (clean || !findable || limits(session).grace().isZero()) {
      return;
    }
    var kept = KeptSubscriptions.of(session);
    if (!kept.isEmpty()) {
      keepHere(session, user, kept);
    }
  }

  /// Null where no other instance could take what is left, or nobody would know whose it is.
  private static @Nullable Belongings shared(WseSession session) {
    var client = session.client();
    var context = session.context();
    var shelf = context.terms().sessions() == null ? context.extensions.shelf() : null;
    var user = client.name().known();
    if (client.belongings == null && shelf != null && user != null) {
      client.belongings = new Belongings(session, shelf, user);
    }
    return client.belongings;
  }

  static RestoreStore.Limits limits(WseSession session) {
    var context = session.context();
    var clients = context.clients();
    return new RestoreStore.Limits(
        clients.restoreGrace(),
        clients.restoreMemory().bytes(),
        context.terms().sessions() == null ? 1 : SESSIONS_PER_USER);
  }

  // Tokens.

  /// A token for the session of this connection; null where there are none.
  static @Nullable String token(WseSession session) {
    var tokens = session.context().terms().sessions();
    return tokens == null
        ? null
        : tokens.issue(session.userId(), session.connectionId(), session.context().frames.now());
  }

  /// What the client's hello asks back: the session of the token it shows, else, where that was
  /// waited for, the latest of its user. Gives each at most once.
  static Claim claim(WseSession session, @Nullable String token) {
    boolean awaited = session.client().stopAwaitingHello();
    if (token == null) {
      return new Claim(false, awaited ? latest(session) : null);
    }
    return new Claim(true, ofToken(session, token));
  }

  private static @Nullable KeptSubscriptions ofToken(WseSession session, String token) {
    var context = session.context();
    var tokens = context.terms().sessions();
    var holder = tokens == null ? null : tokens.verify(token, context.frames.now()).orElse(null);
    if (holder == null) {
      context.counters.sessionTokensRefused.inc();
      return null;
    }
    var grace = context.clients().restoreGrace();
    long now = context.clock.nanoTime();
    var user = session.client().name().known();
    var kept = user == null ? null : context.restore.take(holder.connectionId(), user, grace, now);
    if (kept == null) {
      // Whoever had no credentials then is known by the token alone.
      kept = context.restoreOfStrangers.take(holder.connectionId(), null, grace, now);
    }
    (kept == null ? context.counters.sessionTokensUnknown : context.counters.sessionTokensRestored)
        .inc();
    return kept;
  }

  // This instance alone.

  /// What its user's last session left here, once.
  static @Nullable KeptSubscriptions latest(WseSession session) {
    var context = session.context();
    var user = session.client().name().known();
    var grace = context.clients().restoreGrace();
    return user == null ? null : context.restore.takeLatest(user, grace, context.clock.nanoTime());
  }

  /// From any thread.
  static void keepHere(WseSession session, @Nullable String user, KeptSubscriptions kept) {
    var context = session.context();
    var store = user == null ? context.restoreOfStrangers : context.restore;
    int gone =
        store.keep(
            session.connectionId(),
            user,
            kept,
            kept.bytes(),
            limits(session),
            context.clock.nanoTime());
    context.counters.forgotten.inc(gone);
  }

  /// Subscribes to what was kept, if anything was.
  static void restored(WseSession session, @Nullable KeptSubscriptions kept) {
    if (kept != null && !kept.isEmpty()) {
      session.context().counters.restored.inc();
      SubscriptionMessages.restore(session, kept);
    }
  }
}
