package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// The way of one node's failing frames to its dead-letter node: an edge like any other, except
/// that no edge of the graph stands for it. Positions go along, so that none overtakes a letter.
///
/// One of several instances of a node has letters without a way out of their own; what runs the
/// instances takes them from there ([#take]) and puts them on the way in order ([#put]).
///
/// Confined to the thread of whoever runs the failing node.
public final class DeadLetters {
  /// Metadata of a letter: what the node threw, its id, and how often it was tried.
  public static final String ERROR = "error";

  public static final String ERROR_NODE = "error_node";
  public static final String ERROR_ATTEMPTS = "error_attempts";

  private static final int LONGEST_ERROR = 2_000;

  private final Collector letters = new Collector();
  private final Output output;

  public DeadLetters(EdgeQueue queue) {
    this.output = new Output(List.of(new Outgoing(queue, null)), letters);
  }

  /// For a node that is run by its caller, or is one of several instances: somebody takes the
  /// letters.
  DeadLetters() {
    this.output = new Output(List.of(), letters);
  }

  Output output() {
    return output;
  }

  /// The letters since the last time, oldest first, which are somebody else's now.
  List<Frame> take() {
    var sent = List.copyOf(Arrays.asList(letters.frames()).subList(0, letters.size()));
    letters.clear();
    return sent;
  }

  /// Puts ready letters, from `from` up to `to`, on the way.
  void put(List<Frame> ready, int from, int to) {
    letters.beginCalls(to - from);
    for (int i = from; i < to; i++) {
      letters.emit(ready.get(i));
    }
    letters.endCalls();
  }

  void send(Frame failing, String node, String error, int attempts) {
    var entries = new TreeMap<>(failing.metadata().entries());
    entries.put(ERROR, error.length() > LONGEST_ERROR ? error.substring(0, LONGEST_ERROR) : error);
    entries.put(ERROR_NODE, node);
    entries.put(ERROR_ATTEMPTS, String.valueOf(attempts));
    letters.beginCalls(1);
    letters.emit(failing.detach().withMetadata(new Metadata(entries)));
    letters.endCalls();
  }

  /// What a letter says of `cause`.
  static String sentence(Throwable cause) {
    var message = cause.getMessage();
    return message == null || message.isBlank() ? cause.toString() : message;
  }
}
