package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// The section `hub.inbound`: messages of clients that wait for the programs behind `/ws/inbound`.
public record InboundSpec(
    @About("Messages that may wait; further ones are dropped and counted.")
        @OnRestart
        @Default("131072")
        @Range(min = 16, max = 1 << 22)
        int messages,
    @About("Bytes that may wait; further messages are dropped and counted.")
        @OnRestart
        @Default("64MiB")
        @Range(min = 1 << 16, max = 1L << 34)
        ByteSize bytes,
    @About("How long messages are kept after the last program has gone.")
        @OnRestart
        @Default("30s")
        @Range(min = 0, max = 3_600)
        Duration linger,
    @About("Programs at one time; one more is refused.")
        @OnRestart
        @Default("64")
        @Range(min = 1, max = 10_000)
        int maxConnections,
    @About("Connections that a program may answer; of more, those that wrote last.")
        @OnRestart
        @Default("100000")
        @Range(min = 16, max = 10_000_000)
        int maxRespondents) {}
