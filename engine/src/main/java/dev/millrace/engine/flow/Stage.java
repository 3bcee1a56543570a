package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.tap.TapPoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/// One node within a chain: calls it, counts, and turns whatever it throws into a [NodeFailure].
/// Confined to the chain's thread, except that the starting thread opens it before.
public final class Stage {
  private static final Logger log = LoggerFactory.getLogger(Stage.class);

  private final String id;
  private final Node node;
  private final NodeStats stats;
  private final Clock clock;
  private final Tracing tracing;
  private final Collector out = new Collector();
  private boolean opened;

  // Of a frame since the last end of a batch, so that what is done for the whole batch bears it.
  private @Nullable String tracedInBatch;

  public Stage(String id, Node node, NodeStats stats, Clock clock, Tracing tracing) {
    this.id = id;
    this.node = node;
    this.stats = stats;
    this.clock = clock;
    this.tracing = tracing;
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

  /// Before it runs: where the node's arrays come from, and who may look at what it makes.
  ///
  /// @return what lends the node arrays, which go back at the end of the call unless it emits them
  public SampleLender wire(SampleLender arrays, TapPoint taps) {
    out.wire(arrays, taps);
    return out;
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
      log.atError()
          .setCause(failure)
          .addKeyValue("pipeline", tracing.pipeline())
          .addKeyValue("node", id)
          .log("{}: node {} failed to close; the rest goes on", tracing.pipeline(), id);
    }
    stats.publish();
  }

  Collector out() {
    return out;
  }

  Tracing tracing() {
    return tracing;
  }

  boolean ready() throws NodeFailure {
    try {
      return processor().ready();
    } catch (Throwable failure) {
      throw failed("ready", NodeFailure.NO_SEQUENCE, null, failure);
    }
  }

  /// Handles `frames[from..to)`.
  void process(Frame[] frames, int from, int to) throws NodeFailure {
    boolean timed = stats.samples();
    long start = timed ? clock.nanoTime() : 0;
    if (tracing.begun()) {
      handleTraced(frames, from, to);
    } else {
      handle(processor(), frames, from, to);
    }
    if (timed && to > from) {
      stats.timed(clock.nanoTime() - start, to - from);
    }
  }

  private void handle(Processor processor, Frame[] frames, int from, int to) throws NodeFailure {
    var collector = out;
    int before = collector.size();
    int at = from;
    try {
      for (; at < to; at++) {
        collector.beginCall(Outlet.MAX_FRAMES_PER_CALL);
        processor.process(frames[at], collector);
      }
    } catch (Throwable failure) {
      collector.undoCall();
      throw failed("process", frames[at].sequence(), Traces.idOf(frames[at]), failure);
    } finally {
      collector.endCalls();
      stats.handled(at - from);
      stats.made(collector.size() - before);
    }
  }

  /// Handles each traced frame under its id, and those between them as always.
  private void handleTraced(Frame[] frames, int from, int to) throws NodeFailure {
    int at = from;
    while (at < to) {
      int traced = Traces.next(frames, at, to);
      handle(processor(), frames, at, traced);
      if (traced < to) {
        handle(this::processTraced, frames, traced, traced + 1);
      }
      at = traced + 1;
    }
  }

  void batchEnd(@Nullable SourcePosition position) throws NodeFailure {
    var traced = tracedInBatch;
    tracedInBatch = null;
    call("batchEnd", traced, outlet -> processor().batchEnd(position, outlet));
  }

  void idle() throws NodeFailure {
    call("idle", null, processor()::idle);
  }

  void finish() throws NodeFailure {
    call("finish", null, processor()::finish);
  }

  Progress poll(int limit) throws NodeFailure {
    var source = (Source) node;
    int before = out.size();
    out.beginCall(limit);
    try {
      return source.poll(out, limit);
    } catch (Throwable failure) {
      out.undoCall();
      throw failed("poll", NodeFailure.NO_SEQUENCE, null, failure);
    } finally {
      out.endCalls();
      stats.made(out.size() - before);
    }
  }

  @Nullable SourcePosition position() throws NodeFailure {
    try {
      return ((Source) node).position();
    } catch (Throwable failure) {
      throw failed("position", NodeFailure.NO_SEQUENCE, null, failure);
    }
  }

  void drain() throws NodeFailure {
    try {
      ((Source) node).drain();
    } catch (Throwable failure) {
      throw failed("drain", NodeFailure.NO_SEQUENCE, null, failure);
    }
  }

  /// A frame that the source made was chosen to be traced.
  void traceBegins(Frame frame) {
    var traced = Traces.idOf(frame);
    if (traced != null && log.isDebugEnabled()) {
      Correlation.run(
          traced,
          () -> trace(traced, frame).log("{}: node {} made a frame", tracing.pipeline(), id));
    }
  }

  /// What the node makes of a traced frame inherits the frame's id.
  private void processTraced(Frame frame, Outlet outlet) throws Exception {
    var traced = Objects.requireNonNull(Traces.idOf(frame));
    tracedInBatch = traced;
    var _ =
        Correlation.call(
            traced,
            () -> {
              long start = clock.nanoTime();
              processor().process(frame, outlet);
              if (log.isDebugEnabled()) {
                long micros = (clock.nanoTime() - start) / 1_000;
                trace(traced, frame)
                    .addKeyValue("micros", micros)
                    .log("{}: node {} handled a frame in {} us", tracing.pipeline(), id, micros);
              }
              return true;
            });
    out.trace(out.callStart(), out.size(), traced);
  }

  private LoggingEventBuilder trace(String traced, Frame frame) {
    return log.atDebug()
        .addKeyValue("pipeline", tracing.pipeline())
        .addKeyValue("node", id)
        .addKeyValue("sequence", frame.sequence())
        .addKeyValue(Correlation.METADATA_KEY, traced);
  }

  private void call(String doing, @Nullable String traced, Call call) throws NodeFailure {
    int before = out.size();
    out.beginCall(Outlet.MAX_FRAMES_PER_CALL);
    try {
      if (traced == null) {
        call.with(out);
      } else {
        var _ =
            Correlation.call(
                traced,
                () -> {
                  call.with(out);
                  return true;
                });
      }
    } catch (Throwable failure) {
      out.undoCall();
      throw failed(doing, NodeFailure.NO_SEQUENCE, traced, failure);
    } finally {
      out.endCalls();
      stats.made(out.size() - before);
    }
  }

  private NodeFailure failed(
      String doing, long sequence, @Nullable String traced, Throwable failure) {
    stats.failed();
    return new NodeFailure(id, doing, sequence, traced, failure);
  }

  private Processor processor() {
    return (Processor) node;
  }

  @FunctionalInterface
  private interface Call {
    void with(Outlet outlet) throws Exception;
  }
}
