package dev.millrace.control.noc;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;

/// What one operators' socket may cost, and how many there may be. The keys stand under `server`.
public record NocSpec(
    @About("Events that may wait for one operators' socket; with one more it is cut with 4008.")
        @Default("4096")
        @Range(min = 16, max = 1_000_000)
        int nocQueueMessages,
    @About("Bytes of events that may wait for one operators' socket; beyond it is cut with 4008.")
        @Default("4MiB")
        @Range(min = 65_536, max = 1 << 30)
        ByteSize nocQueueBytes,
    @About("Operators' sockets open at the same time; further ones are closed with 4029.")
        @Default("32")
        @Range(min = 1, max = 10_000)
        int maxNocClients) {
  public static final NocSpec DEFAULT = Spec.of(NocSpec.class).defaults();
}
