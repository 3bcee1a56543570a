package dev.millrace.engine.graph.test;

import dev.millrace.core.frame.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is expected of one node: how many frames, which frames, and what they are like.
public record Expected(
    @Nullable Integer count,
    @Nullable List<ExpectedFrame> frames,
    double tolerance,
    List<Check> checks) {
  public Expected {
    frames = frames == null ? null : List.copyOf(frames);
    checks = List.copyOf(checks);
  }

  /// A frame, and which of its parts the document gives: others may be anything.
  public record ExpectedFrame(
      Frame frame, boolean timestamp, boolean sequence, boolean body, boolean metadata) {}
}
