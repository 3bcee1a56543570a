package dev.millrace.gateway.wse;

import dev.millrace.hub.SubscribeOutcome;
import java.util.List;
import java.util.function.Consumer;

/// Subscriptions to whole topics from their ends on. Whoever asks for a part of a topic is refused,
/// because it would be wrong to send it everything; whoever asks to go on from a position gets the
/// topic from its end on, and is told so.
final class PlainSubscriptions implements Subscriptions {
  @Override
  public void subscribe(
      Subscriber who, List<String> topics, SubscribeOptions options, Consumer<List<Answer>> done) {
    var missing = missing(options);
    if (missing == null) {
      boolean recovers = options.recover();
      who.session()
          .subscribe(
              topics,
              outcomes ->
                  done.accept(
                      outcomes.stream().map(outcome -> answer(outcome, recovers)).toList()));
    } else {
      var why = "this server does not serve " + missing + "; subscribe without that key";
      done.accept(
          topics.stream()
              .map(topic -> Answer.plain(new SubscribeOutcome.Refused(topic, why)))
              .toList());
    }
  }

  @Override
  public void unsubscribe(Subscriber who, List<String> topics) {
    topics.forEach(who.session()::unsubscribe);
  }

  private static Answer answer(SubscribeOutcome outcome, boolean recovers) {
    return recovers && !(outcome instanceof SubscribeOutcome.Refused)
        ? new Answer(outcome, new Recovery(0, 0, false, 0))
        : Answer.plain(outcome);
  }

  private static @org.jspecify.annotations.Nullable String missing(SubscribeOptions options) {
    if (options.filters() != null) {
      return "filters";
    }
    if (options.queue() != null) {
      return "queue";
    }
    if (options.presence() != null) {
      return "presence";
    }
    return options.conflateMillis() > 0 ? "conflate_ms" : null;
  }
}
