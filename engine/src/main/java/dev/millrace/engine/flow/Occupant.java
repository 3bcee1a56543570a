package dev.millrace.engine.flow;

import dev.millrace.core.node.Joining;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Processor;
import dev.millrace.engine.schedule.Wakeable;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The instance of a node at its stage: another one after a restart, and none that works while it
/// is not open. Confined to the thread of whoever runs the stage, except that the starting thread
/// opens it before, and where a method says otherwise.
final class Occupant {
  private static final Logger log = LoggerFactory.getLogger(Occupant.class);

  private final String pipeline;
  private final String id;
  private final Supplier<Node> fresh;
  private final NodeStats stats;
  private @Nullable NodeContext context; // set by open

  // Written by the starting thread and then by the chain's, read by anybody.
  private volatile Node node;
  private volatile boolean opened;

  private int input; // where the frames of the batch in hand come from

  /// `fresh` makes another instance of the node `id`.
  Occupant(String pipeline, String id, Node node, Supplier<Node> fresh, NodeStats stats) {
    this.pipeline = pipeline;
    this.id = id;
    this.node = node;
    this.fresh = fresh;
    this.stats = stats;
  }

  /// Any thread: the instance of the moment.
  Node node() {
    return node;
  }

  /// The instance of the moment, of a node that takes frames.
  Processor processor() {
    return (Processor) node;
  }

  /// Makes an instance that nobody has opened yet.
  Supplier<Node> fresh() {
    return fresh;
  }

  boolean isOpen() {
    return opened;
  }

  void open(NodeContext lent) throws Exception {
    context = lent;
    node.open(lent);
    opened = true;
  }

  /// Closes the instance if it is open; a second call does nothing.
  void close() {
    if (opened) {
      opened = false;
      close(node);
    }
  }

  /// Any thread.
  private void close(Node instance) {
    try {
      instance.close();
    } catch (Throwable failure) {
      stats.failedToClose();
      log.atError()
          .setCause(failure)
          .addKeyValue("pipeline", pipeline)
          .addKeyValue("node", id)
          .log("{}: node {} failed to close; the rest goes on", pipeline, id);
    }
  }

  /// Lets go of the instance; what is returned closes it and opens another one.
  Reopening reopening(Wakeable chain) {
    var old = opened ? node : null;
    opened = false;
    var lent = Objects.requireNonNull(context, "a stage is opened before it is restarted");
    return new Reopening(old, fresh, lent, this::close, chain);
  }

  /// Goes on with an instance that has been opened.
  void take(Node instance) {
    tellInput(instance);
    node = instance;
    opened = true;
    Objects.requireNonNull(context).recovered(); // what the old instance complained of
  }

  /// The frames that follow come from this input.
  void from(int next) {
    if (next != input) {
      input = next;
      tellInput(node);
    }
  }

  private void tellInput(Node instance) {
    if (instance instanceof Joining joining) {
      joining.from(input);
    }
  }

  /// Any thread: frames the instance took in and still holds.
  long heldFrames() {
    try {
      return opened && node instanceof Processor holder ? holder.heldFrames() : 0;
    } catch (RuntimeException failure) {
      // Whoever ends the pipeline asks, and must get on with it.
      log.warn("{}/{} cannot say how many frames it holds", pipeline, id, failure);
      return 0;
    }
  }
}
