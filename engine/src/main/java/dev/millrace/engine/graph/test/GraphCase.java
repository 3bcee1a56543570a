package dev.millrace.engine.graph.test;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.problem.Location;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// One test of a graph: `triggers` go into the node `into`, or into every entry if that is null,
/// and what comes of it is compared per node.
public record GraphCase(
    String name,
    Location location,
    List<Frame> triggers,
    @Nullable String into,
    SequencedMap<String, Expected> targets) {
  public GraphCase {
    triggers = List.copyOf(triggers);
    targets = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(targets));
  }
}
