package dev.millrace.signals.file;

import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.node.Stateful;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What sinks into files have in common: an output, and frames that are gathered in it until there
/// are enough of them or no further one waits. Confined to the node's thread, except where it says
/// otherwise.
abstract class GatheringSink implements Processor, Stateful {
  private static final Logger log = LoggerFactory.getLogger(GatheringSink.class);

  private final int flushEvery; // frames

  private @Nullable NodeContext context; // set by open
  private @Nullable Output output; // set by open, null once the file is closed
  private int unflushed; // frames
  private volatile long held; // written by the sink's thread, read by whoever drains

  GatheringSink(int flushEvery) {
    this.flushEvery = flushEvery;
  }

  @Override
  public final Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public final boolean ready() {
    return output == null || output.ready();
  }

  @Override
  public final void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    if (unflushed >= flushEvery) {
      flush();
    }
    held = unflushed;
  }

  @Override
  public final void idle(Outlet outlet) {
    if (unflushed > 0 && ready()) {
      flush();
    }
    held = unflushed;
  }

  @Override
  public final long heldFrames() {
    return held;
  }

  /// Something to do before what was gathered is written.
  void beforeFlush() {}

  /// From now on frames go into `file`.
  final void writesTo(Output file, NodeContext opened) {
    context = opened;
    output = file;
  }

  /// A frame was put into the output.
  final void gathered() {
    unflushed++;
  }

  /// Everything that was gathered is in the file.
  final void written() {
    unflushed = 0;
  }

  final boolean isOpen() {
    return output != null;
  }

  final NodeContext opened() {
    return Objects.requireNonNull(context, "the sink is not open");
  }

  final Output out() {
    return Objects.requireNonNull(output, "the sink is not open");
  }

  /// Everything has been written.
  final void closeOutput() throws IOException {
    out().close();
    output = null;
    unflushed = 0;
    held = 0;
  }

  /// After a failure: what was not written is lost.
  final void abandonOutput() {
    try {
      if (output != null) {
        output.close();
      }
    } catch (IOException failure) {
      log.warn(
          "a file of {}/{} could not be closed: {}",
          opened().pipeline(),
          opened().node(),
          failure.toString());
    }
    output = null;
  }

  private void flush() {
    beforeFlush();
    if (out().flush()) {
      unflushed = 0;
    }
  }
}
