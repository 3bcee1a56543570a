package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
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
        int threshold,
    @About(
            "Messages with a larger payload than this are compressed beside the event loops, so"
                + " that other topics do not wait; those behind them in their topic do.")
        @Default("64KiB")
        @Range(min = 1 << 10, max = 16 << 20)
        ByteSize backgroundAbove,
    @About("Threads for that.") @Default("1") @Range(min = 1, max = 64) int backgroundThreads,
    @About(
            "Bytes that may wait for that, in all and behind one message of a topic; what finds no"
                + " room goes out as it is.")
        @Default("16MiB")
        @Range(min = 1 << 20, max = 1L << 34)
        ByteSize backgroundBytes) {}
