package dev.millrace.bench.graph;

import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Table;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What a question came to.
sealed interface Answer {

  /// It was measured. `figures` has the same as the table, unrounded.
  record Measured(Table table, ObjectNode figures, List<Bar> bars) implements Answer {
    public Measured {
      bars = List.copyOf(bars);
    }
  }

  /// It cannot be measured here; `why` is the beginning of a sentence.
  record Skipped(String why) implements Answer {}
}
