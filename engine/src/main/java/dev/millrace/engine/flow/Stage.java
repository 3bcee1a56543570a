package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node within a chain: calls it, counts, and turns whatever it throws into a [NodeFailure].
/// Confined to the chain's thread, except that the starting thread opens it before.
public final class Stage {
  private static final Logger log = LoggerFactory.getLogger(Stage.class);

  private final String id;
  private final Node node;
  private final NodeStats stats;
  private final Clock clock;
  private final Collector out = new Collector();
  private boolean opened;

  public Stage(String id, Node node, NodeStats stats, Clock clock) {
    this.id = id;
    this.node = node;
    this.stats = stats;
    this.clock = clock;
  }

  public String id() {
    return id;
  }

  public Node node() {
    return node;
  }

  public NodeStats stats() {
    return stats;
  }

  public void open(NodeContext context) throws Exception {
    node.open(context);
    opened = true;
  }

  /// Closes the node if it was opened; a second call does nothing.
  void close() {
    if (!opened) {
      return;
    }
    opened = false;
    try {
      node.close();
    } catch (Throwable failure) {
      stats.failed();
      log.error("Node {} failed to close; the rest goes on", id, failure);
    }
    stats.publish();
  }

  Collector out() {
    return out;
  }

  boolean ready() throws NodeFailure {
    try {
      return processor().ready();
    } catch (Throwable failure) {
      throw failed("ready", NodeFailure.NO_SEQUENCE, failure);
    }
  }

  /// Handles `frames[from..to)`.
  void process(Frame[] frames, int from, int to) throws NodeFailure {
    var processor = processor();
    var collector = out;
    int before = collector.size();
    boolean timed = stats.samples();
    long start = timed ? clock.nanoTime() : 0;
    int at = from;
    try {
      for (; at < to; at++) {
        collector.beginCall(Outlet.MAX_FRAMES_PER_CALL);
        processor.process(frames[at], collector);
      }
    } catch (Throwable failure) {
      collector.undoCall();
      throw failed("process", frames[at].sequence(), failure);
    } finally {
      collector.endCalls();
      stats.handled(at - from);
      stats.made(collector.size() - before);
    }
    if (timed && to > from) {
      stats.timed(clock.nanoTime() - start, to - from);
    }
  }

  void batchEnd(@Nullable SourcePosition position) throws NodeFailure {
    call("batchEnd", outlet -> processor().batchEnd(position, outlet));
  }

  void idle() throws NodeFailure {
    call("idle", processor()::idle);
  }

  void finish() throws NodeFailure {
    call("finish", processor()::finish);
  }

  Progress poll(int limit) throws NodeFailure {
    var source = (Source) node;
    int before = out.size();
    out.beginCall(limit);
    try {
      return source.poll(out, limit);
    } catch (Throwable failure) {
      out.undoCall();
      throw failed("poll", NodeFailure.NO_SEQUENCE, failure);
    } finally {
      out.endCalls();
      stats.made(out.size() - before);
    }
  }

  @Nullable SourcePosition position() throws NodeFailure {
    try {
      return ((Source) node).position();
    } catch (Throwable failure) {
      throw failed("position", NodeFailure.NO_SEQUENCE, failure);
    }
  }

  void drain() throws NodeFailure {
    try {
      ((Source) node).drain();
    } catch (Throwable failure) {
      throw failed("drain", NodeFailure.NO_SEQUENCE, failure);
    }
  }

  private void call(String doing, Call call) throws NodeFailure {
    int before = out.size();
    out.beginCall(Outlet.MAX_FRAMES_PER_CALL);
    try {
      call.with(out);
    } catch (Throwable failure) {
      out.undoCall();
      throw failed(doing, NodeFailure.NO_SEQUENCE, failure);
    } finally {
      out.endCalls();
      stats.made(out.size() - before);
    }
  }

  private NodeFailure failed(String doing, long sequence, Throwable failure) {
    stats.failed();
    return new NodeFailure(id, doing, sequence, failure);
  }

  private Processor processor() {
    return (Processor) node;
  }

  @FunctionalInterface
  private interface Call {
    void with(Outlet outlet) throws Exception;
  }
}
