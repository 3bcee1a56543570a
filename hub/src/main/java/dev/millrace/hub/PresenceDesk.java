package dev.millrace.hub;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Who is on the topics of one loop. Confined to the loop, but for what says otherwise.
///
/// A user is on a topic with the first connection to any instance and leaves with the last; both,
/// and a change of what it says of itself, are told to those who follow the topic's [Companion].
final class PresenceDesk {
  /// Instances of a cluster that are known at one time.
  private static final int MAX_INSTANCES = 1_024;

  private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(30);

  private record Departed(String topic, String userId, String instance, long sinceNanos) {}

  private final Hub hub;
  private final HubShard shard;
  private final int maxMembers;
  private final long silenceNanos;
  private final Map<String, Map<String, PresentUser>> topics = new HashMap<>();
  private final Map<String, Long> heardNanos = new HashMap<>(); // by instance
  private final ArrayDeque<Departed> departed = new ArrayDeque<>(); // oldest first
  private long searchedNanos;

  private final AtomicInteger present = new AtomicInteger(); // changed by the loop

  PresenceDesk(Hub hub, HubShard shard) {
    this.hub = hub;
    this.shard = shard;
    this.maxMembers = hub.spec().presence().maxMembers();
    this.silenceNanos = hub.spec().presence().instanceTimeout().toNanos();
    this.searchedNanos = hub.clock().nanoTime();
  }

  /// Any thread.
  int present() {
    return present.get();
  }

  List<PresenceMember> members(String topic) {
    var members = new ArrayList<PresenceMember>();
    topics
        .getOrDefault(topic, Map.of())
        .forEach(
            (userId, user) -> {
              if (user.isPresent()) {
                members.add(new PresenceMember(userId, user.connections(), user.data()));
              }
            });
    members.sort(Comparator.comparing(PresenceMember::userId));
    return members;
  }

  /// What other instances must know to know the users that are connected here.
  List<PresenceState> statesHere() {
    var states = new ArrayList<PresenceState>();
    topics.forEach(
        (topic, users) ->
            users.forEach(
                (userId, user) -> {
                  if (user.connectionsHere() > 0) {
                    states.add(user.stateHere(topic, userId));
                  }
                }));
    return states;
  }

  void attend(String topic, Attendee attendee, byte[] data) {
    if (attendee.isGone() || !hasRoom(topic, attendee.userId())) {
      return;
    }
    change(
        topic,
        attendee.userId(),
        user -> user.attend(attendee, data, hub.clock().epochMillis()),
        true);
  }

  void leave(String topic, Attendee attendee) {
    var users = topics.get(topic);
    var known = users == null ? null : users.get(attendee.userId());
    if (known != null && known.connectionsHere() > 0) {
      change(
          topic, attendee.userId(), user -> user.leave(attendee, hub.clock().epochMillis()), true);
    }
  }

  // What other instances say.

  void heardFrom(String instance, long nowNanos) {
    if (heardNanos.size() < MAX_INSTANCES || heardNanos.containsKey(instance)) {
      heardNanos.put(instance, nowNanos);
    }
  }

  void hear(String instance, PresenceState state, long nowNanos) {
    heardFrom(instance, nowNanos);
    if (!heardNanos.containsKey(instance) || !hasRoom(state.topic(), state.userId())) {
      return;
    }
    change(state.topic(), state.userId(), user -> user.hear(instance, state), false);
    if (state.connections() == 0) {
      departed.add(new Departed(state.topic(), state.userId(), instance, nowNanos));
      if (departed.size() > maxMembers) {
        forget(departed.remove());
      }
    }
  }

  void forgetInstance(String instance) {
    heardNanos.remove(instance);
    changeAll(user -> user.heard(instance) != null, user -> user.forget(instance), false);
  }

  /// Forgets users of silent instances, that somebody has gone, and sessions that vanished.
  void sweep(long nowNanos) {
    var silent =
        heardNanos.entrySet().stream()
            .filter(entry -> nowNanos - entry.getValue() > silenceNanos)
            .map(Map.Entry::getKey)
            .toList();
    silent.forEach(this::forgetInstance);
    for (var first = departed.peek();
        first != null && nowNanos - first.sinceNanos() > silenceNanos;
        first = departed.peek()) {
      forget(departed.remove());
    }
    if (nowNanos - searchedNanos > SEARCH_NANOS) {
      searchedNanos = nowNanos;
      long nowMillis = hub.clock().epochMillis();
      changeAll(
          user -> !user.vanished().isEmpty(),
          user -> user.vanished().forEach(attendee -> user.leave(attendee, nowMillis)),
          true);
    }
  }

  private void forget(Departed gone) {
    var user = topics.getOrDefault(gone.topic(), Map.of()).get(gone.userId());
    var state = user == null ? null : user.heard(gone.instance());
    if (state != null && state.connections() == 0) {
      change(gone.topic(), gone.userId(), known -> known.forget(gone.instance()), false);
    }
  }

  // Changing.

  private boolean hasRoom(String topic, String userId) {
    var users = topics.get(topic);
    boolean room =
        users == null
            ? topics.size() < hub.spec().maxTopics()
            : users.size() < maxMembers || users.containsKey(userId);
    if (!room) {
      hub.counters().presenceRefused.inc();
    }
    return room;
  }

  private void changeAll(Predicate<PresentUser> which, Consumer<PresentUser> change, boolean here) {
    record Key(String topic, String userId) {}
    var keys = new ArrayList<Key>();
    topics.forEach(
        (topic, users) ->
            users.forEach(
                (userId, user) -> {
                  if (which.test(user)) {
                    keys.add(new Key(topic, userId));
                  }
                }));
    keys.forEach(key -> change(key.topic(), key.userId(), change, here));
  }

  /// Does `change` to a user and tells whom it concerns. `here`: other instances do not know yet.
  private void change(String topic, String userId, Consumer<PresentUser> change, boolean here) {
    var users = topics.computeIfAbsent(topic, name -> new HashMap<>());
    var user = users.computeIfAbsent(userId, name -> new PresentUser());
    boolean was = user.isPresent();
    var said = user.data();
    change.accept(user);
    boolean is = user.isPresent();
    if (here) {
      hub.presenceListener().changed(user.stateHere(topic, userId));
    }
    if (was != is) {
      present.addAndGet(is ? 1 : -1);
      tell(is ? PresenceChange.JOIN : PresenceChange.LEAVE, topic, userId, is ? user.data() : said);
    } else if (is && !Arrays.equals(said, user.data())) {
      tell(PresenceChange.UPDATE, topic, userId, user.data());
    }
    if (user.isForgotten()) {
      users.remove(userId);
      if (users.isEmpty()) {
        topics.remove(topic);
      }
    }
  }

  private void tell(PresenceChange change, String topic, String userId, byte[] data) {
    hub.counters().presence(change);
    var companion = Companion.of(topic);
    if (shard.topics().get(companion) == null) {
      return; // nobody follows
    }
    var payload = new ByteArrayOutputStream(64 + data.length);
    payload.writeBytes(ascii("{\"topic\":"));
    payload.writeBytes(Json.quoted(topic));
    payload.writeBytes(ascii(",\"user_id\":"));
    payload.writeBytes(Json.quoted(userId));
    payload.writeBytes(ascii(",\"data\":"));
    payload.writeBytes(data.length == 0 ? ascii("null") : data);
    payload.write('}');
    var message = Message.of(change.type(), payload.toByteArray(), true, hub.clock().epochMillis());
    var outcome = hub.inlet().enter(new Publication(companion, List.of(message), null));
    if (!(outcome instanceof PublishOutcome.Accepted)) {
      hub.counters().presenceUnsent.inc();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
