package dev.millrace.hub;

/// What became of one topic of a subscription.
public sealed interface SubscribeOutcome {
  String topic();

  /// Messages from now on will follow.
  record Subscribed(String topic) implements SubscribeOutcome {}

  record AlreadySubscribed(String topic) implements SubscribeOutcome {}

  /// `why` is a sentence for the user.
  record Refused(String topic, String why) implements SubscribeOutcome {}
}
