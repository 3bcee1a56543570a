package dev.millrace.engine.flow;

import dev.millrace.core.problem.ProblemException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/// A call into a node failed. The message names the node and what it had in hand; the cause is what
/// it threw.
public final class NodeFailure extends Exception {
  /// Stands for the sequence where the failing call had no frame.
  public static final long NO_SEQUENCE = -1;

  private final String node;
  private final long sequence;
  private final @Nullable String traceId;

  public NodeFailure(
      String node, String doing, long sequence, @Nullable String traceId, Throwable cause) {
    super(
        "node "
            + node
            + " failed in "
            + doing
            + (sequence == NO_SEQUENCE
                ? ""
                : " on the frame with sequence " + Long.toUnsignedString(sequence))
            + ": "
            + reason(cause),
        cause);
    this.node = node;
    this.sequence = sequence;
    this.traceId = traceId;
  }

  /// What a cause says, for people: without the package it comes from.
  public static String reason(Throwable cause) {
    var kind = cause.getClass().getSimpleName();
    if (cause instanceof ProblemException) {
      return String.valueOf(cause.getMessage());
    }
    return kind.isEmpty() || cause.getMessage() == null
        ? cause.toString()
        : kind + ": " + cause.getMessage();
  }

  public String node() {
    return node;
  }

  /// Whether the call only ended because its thread was interrupted.
  boolean isInterruption() {
    return getCause() instanceof InterruptedException
        || getCause() instanceof InterruptedIOException
        || getCause() instanceof ClosedByInterruptException;
  }

  /// The sequence of the frame in hand, or [#NO_SEQUENCE].
  public long sequence() {
    return sequence;
  }

  /// The trace id of the frame in hand, or of one in the batch in hand; null when none was traced.
  public @Nullable String traceId() {
    return traceId;
  }
}
