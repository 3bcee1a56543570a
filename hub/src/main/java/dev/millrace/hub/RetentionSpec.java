package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;

/// How much of a topic is kept for those who come back, or ask. A message is kept until one of the
/// limits is reached. The log is cut in pieces of about a quarter of each limit, so up to a quarter
/// more than a limit may be there.
public record RetentionSpec(
    @About("Messages that are kept; 0 keeps none.")
        @Default("1000")
        @Range(min = 0, max = 100_000_000)
        int messages,
    @About("Bytes that are kept, as they stand on the wire.")
        @Default("4MiB")
        @Range(min = 1 << 10, max = 1L << 40)
        ByteSize bytes,
    @About("Seconds that a message is kept.") @Default("3600") @Range(min = 1, max = 31_536_000)
        int seconds) {}
