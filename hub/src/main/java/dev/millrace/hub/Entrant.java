package dev.millrace.hub;

/// What a session has asked for in one batch and is told about before anything of it follows.
/// Confined to the session's loop.
interface Entrant {
  /// The topic or pattern it was asked for by.
  String name();

  /// The batch has been answered: data may follow.
  void answered();
}
