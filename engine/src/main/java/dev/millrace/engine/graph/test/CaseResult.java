package dev.millrace.engine.graph.test;

import java.util.List;

/// How a case ended: `failures` are sentences, none when it passed.
public record CaseResult(GraphCase testCase, List<String> failures) {
  public CaseResult {
    failures = List.copyOf(failures);
  }

  public boolean passed() {
    return failures.isEmpty();
  }
}
