package dev.millrace.hub;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Presence of one session: on which topics its user is there, and whose comings and goings it is
/// told. Confined to the session's loop.
public final class Attendance {
  /// Bytes of what a user says of itself.
  public static final int MAX_DATA = 4_096;

  private final Session session;
  private final HubShard shard;
  private final String userId;
  private final Map<String, Attendee> attended = new HashMap<>(4);

  Attendance(Session session, HubShard shard, String userId) {
    this.session = session;
    this.shard = shard;
    this.userId = userId;
  }

  public String userId() {
    return userId;
  }

  /// The user is on a topic that the session is subscribed to, or says something else of itself
  /// there. `data` is one JSON value that the caller has checked. Returns why not, or null.
  public @Nullable String attend(String topic, byte[] data) {
    var objection = objection(topic);
    if (objection == null && data.length > MAX_DATA) {
      objection = "presence data has at most " + MAX_DATA + " bytes, not " + data.length;
    }
    if (objection == null) {
      var attendee = attended.computeIfAbsent(topic, name -> new Attendee(userId));
      tellOwner(topic, desk -> desk.attend(topic, attendee, data));
    }
    return objection;
  }

  /// From now on the session is told who comes, goes and changes on a topic it is subscribed to:
  /// messages of the types `presence_join`, `presence_leave` and `presence_update`, whose payload
  /// is `{"topic":…,"user_id":…,"data":…}`. Returns why not, or null.
  public @Nullable String follow(String topic) {
    var objection = objection(topic);
    if (objection == null) {
      session.subscriptions().follow(Companion.of(topic));
    }
    return objection;
  }

  /// The user leaves the topic as far as this session goes, and is told no more of it. Ending the
  /// subscription or the session does that too. Returns whether it was there.
  public boolean leave(String topic) {
    session.subscriptions().unsubscribe(Companion.of(topic));
    var attendee = attended.remove(topic);
    if (attendee == null) {
      return false;
    }
    depart(topic, attendee);
    return true;
  }

  /// The session has ended.
  void leaveAll() {
    attended.forEach(this::depart);
    attended.clear();
  }

  private void depart(String topic, Attendee attendee) {
    attendee.goes();
    tellOwner(topic, desk -> desk.leave(topic, attendee));
  }

  private @Nullable String objection(String topic) {
    if (session.isClosed()) {
      return "the session is closed";
    }
    if (!shard.hub().settings(topic).presence()) {
      return "the topic does not know who is there";
    }
    return session.subscriptions().isGiven(topic)
        ? null
        : "presence wants a subscription to the topic";
  }

  private void tellOwner(String topic, Consumer<PresenceDesk> news) {
    var owner = shard.hub().ownerOf(topic);
    owner.run(() -> news.accept(owner.presence()));
  }
}
