package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// The section `hub.presence`: who is on a topic.
public record PresenceSpec(
    @About("Topics that say nothing of their own know who is there.") @Default("false")
        boolean enabled,
    @About("Users that one topic knows at one time; one more is not listed.")
        @Default("10000")
        @Range(min = 1, max = 10_000_000)
        int maxMembers,
    @About("Users of another instance are forgotten when it was silent for so long.")
        @Default("15s")
        @Range(min = 1, max = 3_600)
        Duration instanceTimeout) {}
