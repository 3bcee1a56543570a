package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.restore.RestoreStore;
import dev.millrace.hub.UserShelf;
import dev.millrace.hub.UserShelf.Taken;
import dev.millrace.net.Deadlines.Deadline;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one connection of a user is subscribed to, for the user's next connection, which may come
/// to another instance: it is noted there a moment after it changes, because an instance that dies
/// says nothing. And getting back what the user's last connection had. Confined to the connection's
/// loop.
final class Belongings {
  private static final Duration MOMENT = Duration.ofMillis(500);
  private static final Duration LONG_MOMENT = Duration.ofSeconds(5);
  private static final int MANY_TOPICS = 1_000; // take a while to write

  /// The last connection of the user may have ended, and nobody have noticed yet: it is asked again
  /// after 1, 2 and 4 seconds.
  private static final int ASKED_AGAIN = 3;

  private final WseSession session;
  private final UserShelf shelf;
  private final String user;
  private final Deadline due;
  private final Deadline again;
  private UserShelf.@Nullable Place place;
  private int generation;
  private int asked;
  private @Nullable Set<String> named; // by the client, while it may still get something back

  Belongings(WseSession session, UserShelf shelf, String user) {
    this.session = session;
    this.shelf = shelf;
    this.user = user;
    this.due = session.loop().deadlines().create(this::note);
    this.again = session.loop().deadlines().create(this::ask);
  }

  // Getting back.

  /// Has the connection subscribed to what the user's last had, as soon as that is known. What the
  /// client says meanwhile of a topic stands.
  void takeBack() {
    named = new HashSet<>();
    ask();
  }

  private void ask() {
    asked++;
    var _ =
        shelf
            .take(user)
            .whenComplete((taken, failure) -> session.loop().execute(() -> took(taken)));
  }

  /// Null if nobody could be asked: then there may be something on this instance.
  private void took(@Nullable Taken taken) {
    if (!session.isOpen()) {
      if (taken instanceof Taken.Found(var what)) {
        putBack(what);
      }
      return;
    }
    if (taken instanceof Taken.Found(var what)) {
      var kept = KeptBytes.read(what);
      if (kept != null) {
        restore(kept);
      }
    } else if (taken instanceof Taken.InUse && asked <= ASKED_AGAIN) {
      again.set(Duration.ofSeconds(1L << (asked - 1)));
    } else {
      var kept = Comeback.latest(session);
      if (kept != null) {
        restore(kept);
      }
      named = null;
    }
  }

  private void restore(KeptSubscriptions kept) {
    var rest = named == null ? kept : kept.without(named);
    named = null;
    Comeback.restored(session, rest);
  }

  /// The client went while it was looked up: the next shall find it.
  private void putBack(byte[] what) {
    var one = shelf.place(user);
    if (one != null) {
      var _ = one.leave(what, terms());
    }
  }

  // Leaving.

  /// The client has subscribed to topics, or unsubscribed from them.
  void changed(Collection<String> topics) {
    if (named != null) {
      named.addAll(topics);
    }
    if (!due.isSet()) {
      due.set(session.hubSession().topics().size() > MANY_TOPICS ? LONG_MOMENT : MOMENT);
    }
  }

  /// Now and then: what was noted may have been lost.
  void beat() {
    if (place != null && generation != shelf.generation() && !due.isSet()) {
      note();
    }
  }

  private void note() {
    generation = shelf.generation();
    var kept = KeptSubscriptions.of(session);
    if (kept.isEmpty() || terms().grace().isZero()) {
      clear();
      return;
    }
    place = place == null ? shelf.place(user) : place;
    if (place != null) {
      place.hold(KeptBytes.of(kept), terms());
    }
  }

  /// The connection has ended. What cannot be kept for all instances is kept on this one.
  void left(boolean clean) {
    due.clear();
    again.clear();
    var kept = KeptSubscriptions.of(session);
    if (clean || kept.isEmpty() || terms().grace().isZero()) {
      clear();
      return;
    }
    place = place == null ? shelf.place(user) : place;
    if (place == null) {
      Comeback.keepHere(session, user, kept);
      return;
    }
    var _ =
        place
            .leave(KeptBytes.of(kept), terms())
            .whenComplete(
                (done, failure) -> {
                  if (failure != null) {
                    Comeback.keepHere(session, user, kept);
                  }
                });
  }

  private void clear() {
    if (place != null) {
      place.clear();
      place = null;
    }
  }

  private UserShelf.Terms terms() {
    RestoreStore.Limits limits = Comeback.limits(session);
    return new UserShelf.Terms(limits.grace(), limits.bytes());
  }
}
