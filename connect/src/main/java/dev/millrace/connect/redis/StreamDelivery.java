package dev.millrace.connect.redis;

import dev.millrace.hub.Publication;
import dev.millrace.hub.PublishOutcome;
import org.jspecify.annotations.Nullable;

/// Takes messages of streams to the topic's log, at the place they have on every instance. Called
/// on the broker's thread, must not block.
@FunctionalInterface
public interface StreamDelivery {

  /// `first` is the place of the first message; the others follow it one by one. Without a place
  /// the messages were delivered here alone, because Redis was away: they have no offset, and will
  /// have one only if they are replayed. No message at a place: the one that belongs there was
  /// delivered before; the log goes on after it.
  PublishOutcome deliver(Publication publication, @Nullable Place first);
}
