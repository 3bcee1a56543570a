package dev.millrace.hub;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has the messages of a hub finished, where it has a [Finisher]. Safe from any loop.
final class Finishing {
  private static final Logger log = LoggerFactory.getLogger(Finishing.class);

  private final Counters counters;

  // Read by the loops. Written before sessions are opened.
  private volatile @Nullable Finisher finisher;

  Finishing(Counters counters) {
    this.counters = counters;
  }

  void with(Finisher newFinisher) {
    finisher = newFinisher;
  }

  /// The message as it is to be written, or null if it cannot be.
  @Nullable Message of(Message message, Topic topic, long nowMillis) {
    var known = finisher;
    if (known == null) {
      return message;
    }
    try {
      return known.finish(message, nowMillis);
    } catch (RuntimeException failure) {
      counters.refusedUnencodable.inc();
      log.error(
          "A message of type {} could not be finished; the subscribers of {} miss it",
          message.type(),
          topic.name(),
          failure);
      return null;
    }
  }
}
