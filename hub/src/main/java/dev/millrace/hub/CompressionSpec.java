package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// The section `hub.compression`: how frames are compressed for sessions that take them so.
public record CompressionSpec(
    @About("How hard to try: 1 is fast, 9 is small.") @Default("1") @Range(min = 1, max = 9)
        int level,
    @About(
            "Frames of more bytes than this are compressed, unless a client asks for another"
                + " number.")
        @Default("1024")
        @Range(min = 512, max = 10_240)
        int threshold) {}
