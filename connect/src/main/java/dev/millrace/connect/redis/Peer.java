package dev.millrace.connect.redis;

import org.jspecify.annotations.Nullable;

/// Another instance, as far as this one knows. `heardNanos` is when it last gave a sign of life, on
/// this process's clock; `rttMicros` how long a message takes to it and back through Redis, null
/// before that was measured; `waiting` the messages that had reached it and were not delivered
/// there yet.
public record Peer(String instance, long heardNanos, @Nullable Long rttMicros, long waiting) {}
