package dev.millrace.engine.checkpoint;

/// Whose state it is: a node takes back only what was saved under the same id by the same type in
/// the same version.
public record NodeKey(String id, String type, String version) {}
