package dev.millrace.hub;

/// One topic as of its loop's last turn. `epoch` and `offset` say where its log ends; `messages`
/// and `bytes` (of payload) count since the topic came into being in this process.
public record TopicStats(
    String name, int subscribers, long messages, long payloadBytes, int epoch, long offset) {}
