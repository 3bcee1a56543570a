package dev.millrace.hub;

/// One kept message. `payload` is a JSON value, `timestampMillis` counts from the Unix epoch.
public record HistoryEntry(
    long offset, String id, String type, byte[] payload, long timestampMillis) {}
