package dev.millrace.connect.redis;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Another instance as it is known now. `up` until a sign of life is overdue; `silent` is how long
/// ago the last came; `rttMicros` how long a message takes to it and back through Redis, null
/// before that was measured; `waiting` the messages that had reached it and were not delivered
/// there yet.
public record PeerView(
    String instance, boolean up, Duration silent, @Nullable Long rttMicros, long waiting) {}
