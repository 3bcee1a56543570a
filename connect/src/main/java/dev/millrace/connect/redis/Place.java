package dev.millrace.connect.redis;

/// Where a message stands in a topic's stream, the same on every instance: offsets of one epoch are
/// contiguous from 1.
public record Place(int epoch, long offset) {}
