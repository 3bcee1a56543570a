package dev.millrace.hub;

/// What became of one topic of a subscription.
public sealed interface SubscribeOutcome {
  String topic();

  /// Messages from now on will follow.
  record Subscribed(String topic) implements SubscribeOutcome {}

  /// The answer to a position. The topic's log ends at `offset` of `epoch`. If `recovered`, the
  /// `count` messages after the position follow, as far as the subscription's filter or conflation
  /// lets them through, then new ones; otherwise what lies between cannot be had, and messages
  /// after `offset` follow.
  record Resumed(String topic, int epoch, long offset, boolean recovered, long count)
      implements SubscribeOutcome {}

  record AlreadySubscribed(String topic) implements SubscribeOutcome {}

  /// `why` is a sentence for the user.
  record Refused(String topic, String why) implements SubscribeOutcome {}
}
