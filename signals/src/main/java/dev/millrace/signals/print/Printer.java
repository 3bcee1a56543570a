package dev.millrace.signals.print;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Writes a text about each frame in one piece and hands the frame on. The text is UTF-8 whatever
/// the stream would make of characters. A stream that fails, such as a closed pipe, is a trouble
/// and no failure: the frames go on.
abstract class Printer implements Processor {
  private final Supplier<PrintStream> streams;

  private @Nullable NodeContext context; // both set by open
  private @Nullable PrintStream stream;

  Printer(Supplier<PrintStream> streams) {
    this.streams = streams;
  }

  /// The lines about `frame`, each with its end.
  abstract String text(Frame frame);

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext opened) {
    context = opened;
    stream = streams.get();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    var bytes = text(frame).getBytes(StandardCharsets.UTF_8);
    opened()
        .write(bytes, 0, bytes.length); // holds the stream's own lock: others come before or after
    outlet.emit(frame);
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    if (opened().checkError() && context != null) { // flushes, too
      context.trouble("the standard output cannot be written; is its reader gone?");
    }
  }

  private PrintStream opened() {
    return Objects.requireNonNull(stream, "a frame came before open");
  }
}
