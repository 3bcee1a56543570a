package dev.millrace.hub;

/// A user on a topic, with connections to all instances. `data` is a JSON value.
public record PresenceMember(String userId, int connections, byte[] data) {}
