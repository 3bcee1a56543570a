package dev.millrace.engine.pipeline;

import java.util.List;

/// What came of asking nodes to stand still.
public sealed interface HoldReport {

  /// All of them do.
  record Held() implements HoldReport {}

  /// These had not come back from a call in time; each stands still once it does.
  record Late(List<String> nodes) implements HoldReport {
    public Late {
      nodes = List.copyOf(nodes);
    }
  }
}
