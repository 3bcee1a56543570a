package dev.millrace.testkit.node;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One open [Source], driven poll by poll as the engine drives it, with time that jumps to whatever
/// the source waits for. Confined to the test's thread.
public final class SourceRun implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  // A source that keeps saying MORE and never emits would spin an engine worker.
  private static final int EMPTY_POLLS = 100_000;

  private final Source node;
  private final TestNodeContext context;
  private final RecordingOutlet outlet = new RecordingOutlet();
  private @Nullable SourcePosition position;
  private boolean done;
  private boolean closed;

  SourceRun(Source node, TestNodeContext context) throws Exception {
    this.node = node;
    this.context = context;
    node.open(context);
  }

  public TestNodeContext context() {
    return context;
  }

  /// One poll; checks that the source kept to `limit` and that its position did not go back.
  public Progress poll(int limit) throws Exception {
    outlet.beginCall();
    Progress progress;
    int emitted;
    try {
      progress = node.poll(outlet, limit);
    } finally {
      emitted = outlet.endCall();
    }
    if (emitted > limit) {
      throw new AssertionError("asked for at most " + limit + " frames, emitted " + emitted);
    }
    var now = node.position();
    if (now != null
        && position != null
        && now.stream().equals(position.stream())
        && now.ordinal() < position.ordinal()) {
      throw new AssertionError("the position went back from " + position + " to " + now);
    }
    position = now;
    done = progress instanceof Progress.Done;
    return progress;
  }

  /// Polls with `limit` until the source is done or has emitted at least `frames` in all, passing
  /// the time it asks for.
  public SourceRun pollUntil(long frames, int limit) throws Exception {
    int empty = 0;
    while (!done && outlet.count() < frames) {
      int before = outlet.count();
      var progress = poll((int) Math.min(limit, frames - before));
      empty = outlet.count() == before ? empty + 1 : 0;
      if (empty > EMPTY_POLLS) {
        throw new AssertionError(EMPTY_POLLS + " polls without a frame; last said " + progress);
      }
      pass(progress);
    }
    return this;
  }

  /// Tells the source to stop bringing in new input.
  public SourceRun drain() {
    node.drain();
    return this;
  }

  public boolean done() {
    return done;
  }

  /// The position after the last poll.
  public @Nullable SourcePosition position() {
    return position;
  }

  /// Everything emitted so far, in order.
  public List<Frame> outputs() {
    return outlet.frames();
  }

  /// Closes the node, once.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      node.close();
    }
  }

  private void pass(Progress progress) {
    switch (progress) {
      case Progress.More() -> {}
      case Progress.Done() -> {}
      case Progress.Await() -> context.awaitWake(PATIENCE);
      case Progress.At(var nanos) -> {
        long wait = nanos - context.clock().nanoTime();
        if (wait > 0) {
          context.clock().advance(Duration.ofNanos(wait));
        }
      }
    }
  }
}
