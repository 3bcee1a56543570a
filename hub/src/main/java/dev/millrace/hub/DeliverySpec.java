package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// The section `hub.delivery`: how subscriptions are served that are more than a topic's name.
public record DeliverySpec(
    @About("A message that waited longer than this goes out with a fresh timestamp.")
        @Default("800ms")
        @Range(min = 0.01, max = 3_600)
        Duration staleAfter,
    @About("Different patterns that sessions of one event loop may be subscribed to.")
        @Default("10000")
        @Range(min = 0, max = 1_000_000)
        int maxPatterns,
    @About("Subscriptions that patterns have made, over all sessions of one event loop.")
        @Default("1000000")
        @Range(min = 0, max = 100_000_000)
        int maxMatches,
    @About("Messages that are on their way to one member of a queue group.")
        @Default("256")
        @Range(min = 1, max = 65_536)
        int groupQueue) {}
