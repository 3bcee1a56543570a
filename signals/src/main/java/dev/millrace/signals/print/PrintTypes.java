package dev.millrace.signals.print;

import dev.millrace.core.node.NodeType;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;

/// The node types of this package.
public final class PrintTypes {
  private PrintTypes() {}

  /// All of them, printing to the process's standard output.
  public static List<NodeType<?>> all() {
    return all(() -> System.out);
  }

  /// All of them, printing to what `streams` gives: where the standard output belongs to somebody
  /// else, such as a command that answers in JSON.
  public static List<NodeType<?>> all(Supplier<PrintStream> streams) {
    return List.of(Print.type(streams), DebugSink.type(streams));
  }
}
