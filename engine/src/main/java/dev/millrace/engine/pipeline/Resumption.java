package dev.millrace.engine.pipeline;

import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.engine.graph.GraphNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Where the sources of an assembly begin. Asked by the threads that open sources.
final class Resumption {
  private final Assembly parts;

  // What sources were told before anything ran: sinks are not asked again once they are at work.
  private final Map<String, OptionalLong> asked = new ConcurrentHashMap<>();

  // Until the sources are open; null where the run begins anew.
  private volatile @Nullable Restoring restoring; // written by the starting thread

  /// `before` is that of the graph before this one, null for none.
  Resumption(Assembly parts, @Nullable Resumption before) {
    this.parts = parts;
    if (before != null) {
      asked.putAll(before.asked);
    }
  }

  /// From now on sources begin where they were by `from`, or with null where the sinks are.
  void goesOnFrom(@Nullable Restoring from) {
    restoring = from;
  }

  /// The smallest ordinal of `stream` over the durable sinks behind `source`, which are open by the
  /// time a source asks, and what a checkpoint says of the source.
  OptionalLong after(GraphNode source, String stream) {
    if (!source.isSource()) {
      return OptionalLong.empty();
    }
    var reached = reached(source);
    if (reached != null && reached.stream().equals(stream)) {
      return OptionalLong.of(reached.ordinal()); // a fresh instance goes on where the old one was
    }
    int number = parts.reach().number(source);
    return asked.computeIfAbsent(
        number + " " + stream,
        any -> {
          var from = restoring;
          var saved = from == null ? OptionalLong.empty() : from.position(source, stream);
          return saved.isEmpty()
              ? committed(number, stream)
              : least(durableBehind(number), stream, saved.getAsLong());
        });
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
    var sinks = durableBehind(number);
    return sinks.isEmpty() ? OptionalLong.empty() : least(sinks, stream, Long.MAX_VALUE);
  }

  /// The smallest of `most` and what `sinks` have; empty when one of them has nothing.
  private static OptionalLong least(List<DurableSink> sinks, String stream, long most) {
    long least = most;
    for (var sink : sinks) {
      var committed = sink.committed(stream);
      if (committed.isEmpty()) {
        return OptionalLong.empty();
      }
      least = Math.min(least, committed.getAsLong());
    }
    return OptionalLong.of(least);
  }

  /// Whether frames of `source` up to `position` are missing in a durable sink behind it.
  boolean isAheadOfSinks(GraphNode source, SourcePosition position) {
    var sinks = durableBehind(parts.reach().number(source));
    var least = least(sinks, position.stream(), Long.MAX_VALUE);
    return least.isEmpty() || least.getAsLong() < position.ordinal();
  }

  private List<DurableSink> durableBehind(int source) {
    var sinks = new ArrayList<DurableSink>();
    for (var node : parts.graph().nodes()) {
      if (parts.reach().reaches(source, node)
          && parts.stage(node).node() instanceof DurableSink sink) {
        sinks.add(sink);
      }
    }
    return sinks;
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
