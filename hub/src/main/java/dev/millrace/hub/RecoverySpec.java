package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// The section `hub.recovery`: what topics keep that say nothing of their own, so that a client
/// that was away for a moment is sent what it missed.
public record RecoverySpec(
    @About("Keep messages of every topic that has no retention of its own.") @Default("false")
        boolean enabled,
    @About("Messages kept per topic.") @Default("1000") @Range(min = 1, max = 100_000_000)
        int maxMessages,
    @About("Bytes kept per topic.") @Default("1MiB") @Range(min = 1 << 10, max = 1L << 40)
        ByteSize maxBytes,
    @About("How long a message is kept.") @Default("5m") @Range(min = 1, max = 31_536_000)
        Duration maxAge) {

  RetentionSpec retention() {
    return new RetentionSpec(
        maxMessages, maxBytes, Math.clamp(maxAge.toSeconds(), 1, Integer.MAX_VALUE));
  }
}
