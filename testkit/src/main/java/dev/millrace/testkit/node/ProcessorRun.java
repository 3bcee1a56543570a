package dev.millrace.testkit.node;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One open [Processor], driven step by step as the engine drives it. An exception in
/// [Processor#process] is kept in [#failures] and the run goes on, so that a test sees what a node
/// does after one; every other exception reaches the test.
///
/// Confined to the test's thread.
public final class ProcessorRun implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Processor node;
  private final TestNodeContext context;
  private final RecordingOutlet outlet = new RecordingOutlet();
  private final List<Exception> failures = new ArrayList<>();
  private boolean closed;

  ProcessorRun(Processor node, TestNodeContext context) throws Exception {
    this.node = node;
    this.context = context;
    node.open(context);
  }

  public TestNodeContext context() {
    return context;
  }

  /// One batch: waits until the node is ready, hands it the frames, then ends the batch.
  public ProcessorRun batch(List<Frame> frames, @Nullable SourcePosition position)
      throws Exception {
    while (!node.ready()) {
      context.awaitWake(PATIENCE);
    }
    for (var frame : frames) {
      process(frame);
    }
    call(() -> node.batchEnd(position, outlet));
    return this;
  }

  /// A batch without a position.
  public ProcessorRun batch(Frame... frames) throws Exception {
    return batch(List.of(frames), null);
  }

  public ProcessorRun idle() throws Exception {
    call(() -> node.idle(outlet));
    return this;
  }

  public ProcessorRun finish() throws Exception {
    call(() -> node.finish(outlet));
    return this;
  }

  /// Whether the node would take a batch now.
  public boolean ready() {
    return node.ready();
  }

  /// Everything emitted so far, in order.
  public List<Frame> outputs() {
    return outlet.frames();
  }

  /// What [Processor#process] threw so far.
  public List<Exception> failures() {
    return List.copyOf(failures);
  }

  /// Closes the node, once.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      node.close();
    }
  }

  private void process(Frame frame) {
    outlet.beginCall();
    try {
      node.process(frame, outlet);
    } catch (Exception failure) {
      failures.add(failure);
    } finally {
      outlet.endCall();
    }
  }

  private void call(Step step) throws Exception {
    outlet.beginCall();
    try {
      step.run();
    } finally {
      outlet.endCall();
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }
}
