package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.wse.filter.Filter;
import dev.millrace.gateway.wse.filter.FilterLimits;
import dev.millrace.gateway.wse.filter.PayloadFilter;
import dev.millrace.hub.Attendance;
import dev.millrace.hub.FrameFilter;
import dev.millrace.hub.Hub;
import dev.millrace.hub.Position;
import dev.millrace.hub.Session;
import dev.millrace.hub.SubscribeOutcome;
import dev.millrace.hub.TopicPattern;
import dev.millrace.hub.Wanted;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where the dialect's subscriptions are made: everything between what a client asks for and the
/// hub. Safe from any loop; each call comes from the session's.
final class Subscriptions {
  /// Who subscribes; `grants` is what tokens have opened for it, if any have.
  record Subscriber(
      Session session,
      String userId,
      String connectionId,
      Lease lease,
      @Nullable ChannelGrants grants) {}

  /// What became of one topic; `recovery` where its frames say where they stand.
  record Answer(SubscribeOutcome outcome, @Nullable Recovery recovery) {
    static Answer plain(SubscribeOutcome outcome) {
      return new Answer(outcome, null);
    }
  }

  /// Where the topic's log stands, whether the client's position was in it, and how many messages
  /// follow from there.
  record Recovery(int epoch, long offset, boolean recovered, long count) {}

  private final Hub hub;
  private final TopicAccess access;

  Subscriptions(Hub hub, TopicAccess access) {
    this.hub = hub;
    this.access = access;
  }

  /// Subscribes. `done` gets one answer per topic, in order, on this loop: inside this call or
  /// later; what it sends stands before the first message of these topics. It is not called once
  /// the session is closed. With `tellsPositions` whoever has no position yet is told where it
  /// begins, if it can come back.
  void subscribe(
      Subscriber who,
      List<String> topics,
      SubscribeOptions options,
      boolean tellsPositions,
      Consumer<List<Answer>> done) {
    var reading = filter(options);
    var wanted = new ArrayList<Wanted>(topics.size());
    var refused = new HashMap<String, String>();
    boolean patterns = false;
    for (var topic : topics) {
      var objection = reading.why != null ? reading.why : objection(topic, options);
      if (objection == null) {
        wanted.add(wanted(topic, options, reading.filter, tellsPositions));
        patterns |= TopicPattern.isPattern(topic);
      } else {
        refused.put(topic, objection);
      }
    }
    if (patterns) {
      who.session().admitByPattern(admitted(who));
    }
    who.session()
        .subscribeTo(
            wanted,
            outcomes -> {
              done.accept(answers(topics, outcomes, refused));
              outcomes.forEach(outcome -> attend(who, outcome, options));
            });
  }

  /// Leaves topics; those that were never joined count as left.
  void unsubscribe(Subscriber who, List<String> topics) {
    topics.forEach(who.session()::unsubscribe);
  }

  /// The rules may have changed. Ends what they do not allow any more, also of what patterns give,
  /// and returns the names and patterns that are gone.
  List<String> recheck(Subscriber who) {
    var session = who.session();
    var admitted = admitted(who);
    var gone = session.topics().stream().filter(topic -> !admitted.test(topic)).sorted().toList();
    unsubscribe(who, gone);
    session.admitByPattern(admitted);
    return gone;
  }

  private Predicate<String> admitted(Subscriber who) {
    var byRule = access.deliverable(Caller.of(who.lease().principal()));
    var grants = who.grants();
    return grants == null ? byRule : byRule.or(grants::cover);
  }

  // What is asked for.

  /// One of both is null, or both for a subscription to everything.
  private record FilterReading(@Nullable FrameFilter filter, @Nullable String why) {}

  /// Compiles the criteria, once for all topics of the request.
  private static FilterReading filter(SubscribeOptions options) {
    var text = options.filters();
    if (text == null) {
      return new FilterReading(null, null);
    }
    var criteria = Json.tree(text.getBytes(StandardCharsets.UTF_8));
    return switch (Filter.compile(criteria, FilterLimits.DEFAULT)) {
      case Filter.Outcome.Compiled(var filter) ->
          new FilterReading(new PayloadFilter(filter), null);
      case Filter.Outcome.Refused(var why) -> new FilterReading(null, "filters: " + why);
    };
  }

  private @Nullable String objection(String topic, SubscribeOptions options) {
    if (options.queue() != null && (options.filters() != null || options.conflateMillis() > 0)) {
      return "a queue group has neither filters nor conflate_ms";
    }
    if (options.presence() == null) {
      return null;
    }
    if (ByteBufUtil.utf8Bytes(options.presence()) > Attendance.MAX_DATA) {
      return "presence has at most " + Attendance.MAX_DATA + " bytes";
    }
    if (TopicPattern.isPattern(topic)) {
      return "presence wants the name of a topic, not a pattern";
    }
    return hub.settings(topic).presence()
        ? null
        : "the topic does not know who is there; subscribe without presence";
  }

  private Wanted wanted(
      String topic,
      SubscribeOptions options,
      @Nullable FrameFilter filter,
      boolean tellsPositions) {
    var from = options.recover() ? options.recovery().get(topic) : null;
    if (from == null && (options.recover() || (tellsPositions && isStamped(topic, options)))) {
      from = Position.NONE;
    }
    return new Wanted(topic, filter, options.conflateMillis(), options.queue(), from);
  }

  /// Whether its frames will say where they stand.
  private boolean isStamped(String topic, SubscribeOptions options) {
    var settings = hub.settings(topic);
    boolean whole = options.filters() == null && options.queue() == null;
    boolean every = options.conflateMillis() == 0 && settings.conflateMillis() == 0;
    return whole && every && settings.retention() != null && !TopicPattern.isPattern(topic);
  }

  // What came of it.

  private static List<Answer> answers(
      List<String> topics, List<SubscribeOutcome> outcomes, Map<String, String> refused) {
    var answers = new ArrayList<Answer>(topics.size());
    var next = outcomes.iterator();
    for (var topic : topics) {
      var why = refused.get(topic);
      answers.add(answer(why == null ? next.next() : new SubscribeOutcome.Refused(topic, why)));
    }
    return answers;
  }

  private static Answer answer(SubscribeOutcome outcome) {
    return outcome instanceof SubscribeOutcome.Resumed(var _, var epoch, var offset, var all, var n)
        ? new Answer(outcome, new Recovery(epoch, offset, all, n))
        : Answer.plain(outcome);
  }

  /// Its user is there, or says something else of itself; and it is told of the others.
  private static void attend(Subscriber who, SubscribeOutcome outcome, SubscribeOptions options) {
    var shown = options.presence();
    if (shown == null || outcome instanceof SubscribeOutcome.Refused || who.session().isClosed()) {
      return;
    }
    var attendance = who.session().identify(who.userId());
    attendance.follow(outcome.topic());
    attendance.attend(outcome.topic(), shown.getBytes(StandardCharsets.UTF_8));
  }
}
