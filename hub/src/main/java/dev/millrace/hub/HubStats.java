package dev.millrace.hub;

/// The whole hub, each number as of now. `memoryBytes` is what chunks hold.
public record HubStats(
    int sessions,
    int topics,
    int subscriptions,
    long published,
    long deliveries,
    long leftOut,
    long memoryBytes,
    int waitingMessages) {}
