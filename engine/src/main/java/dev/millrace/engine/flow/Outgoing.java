package dev.millrace.engine.flow;

import org.jspecify.annotations.Nullable;

/// An edge as the chain in front of it sees it. One that names a branch gets the frames emitted for
/// that branch and those emitted for none; one that names none gets all.
public record Outgoing(EdgeQueue queue, @Nullable String branch) {

  /// Whether a frame emitted for `emitted` goes this way.
  boolean takes(@Nullable String emitted) {
    return branch == null || emitted == null || branch.equals(emitted);
  }
}
