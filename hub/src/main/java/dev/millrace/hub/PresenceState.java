package dev.millrace.hub;

/// What one instance says of one user on one topic: with how many connections the user is there, 0
/// for gone, and the JSON value the user says of itself. Of two states of the same user and
/// instance the later `timestampMillis` holds.
public record PresenceState(
    String topic, String userId, int connections, byte[] data, long timestampMillis) {}
