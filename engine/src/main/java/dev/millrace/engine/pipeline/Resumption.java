package dev.millrace.engine.pipeline;

import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.graph.GraphNode;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Where the sources of an assembly begin. Asked by the threads that open sources.
final class Resumption {
  private final Assembly parts;

  // What sources were told before anything ran: sinks are not asked again once they are at work.
  private final Map<String, OptionalLong> asked = new ConcurrentHashMap<>();

  /// `before` is that of the graph before this one, null for none.
  Resumption(Assembly parts, @Nullable Resumption before) {
    this.parts = parts;
    if (before != null) {
      asked.putAll(before.asked);
    }
  }

  /// The smallest ordinal of `stream` over the durable sinks behind `source`; they are open by the
  /// time a source asks.
  OptionalLong after(GraphNode source, String stream) {
    if (!source.isSource()) {
      return OptionalLong.empty();
    }
    var reached = reached(source);
    if (reached != null && reached.stream().equals(stream)) {
      return OptionalLong.of(reached.ordinal()); // a fresh instance goes on where the old one was
    }
    int number = parts.reach().number(source);
    return asked.computeIfAbsent(number + " " + stream, any -> committed(number, stream));
  }

  /// How far the source in the place of `source` has come.
  private @Nullable SourcePosition reached(GraphNode source) {
    var chain = parts.chainIfAny(source);
    if (chain != null) {
      return chain.sourcePosition();
    }
    var old = parts.before();
    if (old == null) {
      return null;
    }
    var there = old.graph().find(source.id()).filter(GraphNode::isSource);
    return there.isEmpty() ? null : old.chain(there.get()).sourcePosition();
  }

  private OptionalLong committed(int number, String stream) {
    long least = Long.MAX_VALUE;
    boolean any = false;
    for (var node : parts.graph().nodes()) {
      if (parts.reach().reaches(number, node)
          && parts.stage(node).node() instanceof DurableSink sink) {
        var committed = sink.committed(stream);
        if (committed.isEmpty()) {
          return OptionalLong.empty();
        }
        any = true;
        least = Math.min(least, committed.getAsLong());
      }
    }
    return any ? OptionalLong.of(least) : OptionalLong.empty();
  }

  /// That a change touches durable sinks only by what else it touches: one at work cannot say where
  /// a new source is to begin, and two instances of one must not be open at once.
  void checkDurable() throws Reconfiguration.Refusal {
    var before = parts.before();
    for (var node : parts.graph().nodes()) {
      boolean durable = parts.stage(node).node() instanceof DurableSink;
      if (!parts.stays(node)
          && durable
          && before != null
          && before.graph().find(node.id()).isPresent()) {
        throw needsNewRun("the durable sink " + node.id() + " changes");
      }
      for (var source : parts.graph().nodes()) {
        if (durable
            && parts.stays(node)
            && source.isSource()
            && !parts.stays(source)
            && parts.reach().reaches(parts.reach().number(source), node)) {
          throw needsNewRun(
              "the durable sink "
                  + node.id()
                  + " says where the source "
                  + source.id()
                  + " begins");
        }
      }
    }
  }

  private Reconfiguration.Refusal needsNewRun(String why) {
    return Reconfiguration.refusal(ApplyReport.NEEDS_NEW_RUN, parts.around().pipeline(), why);
  }
}
