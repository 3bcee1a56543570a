package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// The section `hub.publish`: what those who publish over a socket may have under way.
public record PublishingSpec(
    @About(
            "Messages of one connection that were read and that the hub has not taken yet; beyond"
                + " it nothing more is read from the connection. Holds from the next connection"
                + " on.")
        @Default("512")
        @Range(min = 1, max = 65_536)
        int maxInFlight) {}
