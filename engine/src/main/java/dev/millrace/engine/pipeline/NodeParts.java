package dev.millrace.engine.pipeline;

import dev.millrace.core.node.Node;
import dev.millrace.engine.flow.Group;
import dev.millrace.engine.flow.NodeStats;
import dev.millrace.engine.flow.Stage;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a run has for one of its nodes: what the node is lent, the stage that calls it, and the
/// thread it has to itself, null where it has none. Made on the thread that makes the assembly.
record NodeParts(RunningNode context, Stage stage, @Nullable OwnThread thread) {

  /// For the instance `made` of `node`, whose streams go on where `after` says. `was` is what the
  /// run has had under the same id, if anything: counts and what the node keeps go on.
  static NodeParts of(
      Surroundings around,
      Graph graph,
      GraphNode node,
      Node made,
      Function<String, OptionalLong> after,
      @Nullable NodeParts was) {
    var clock = around.runtime().clock();
    var metrics = around.services().metrics();
    var context =
        new RunningNode(
            around.pipeline(),
            node.id(),
            clock,
            around.services(),
            after,
            graph.inputs(node),
            was == null ? null : was.context);
    var stats =
        was == null
            ? new NodeStats(metrics, around.pipeline(), node.id())
            : was.stage.stats().share(); // the old one may still be at its end
    var stage =
        new Stage(
            node.id(),
            made,
            stats,
            clock,
            around.tracing(),
            node.fresh(),
            node.supervision(),
            metrics);
    var samples = graph.settings().sampleLimit();
    if (samples != null) {
      stage.limit(samples);
    }
    context.lends(stage.wire(around.runtime().samples(), around.taps().point(node.id())));
    context.tellsTime(stage::watermarkMicros);
    var time = node.eventTime();
    if (time != null) {
      stage.tellsTimeBy(time.source(metrics, around.pipeline(), node.id()));
    }
    context.wakes(() -> {}); // its chain will look anyway when it begins
    if (node.workersMax() == 1) {
      return new NodeParts(context, stage, ownThread(around, node));
    }
    stage.sharedBy(group(around, graph, node, stage, context));
    return new NodeParts(context, stage, null);
  }

  /// Several instances share the work of `node`; its chain only hands it out.
  private static Group group(
      Surroundings around, Graph graph, GraphNode node, Stage stage, RunningNode context) {
    return new Group(
        stage,
        new Group.Spec(node.workersMin(), node.workersMax(), node.ordered()),
        () -> {
          var own = ownThread(around, node);
          return own == null ? shared(around, graph) : own;
        },
        (arrays, watermark) -> new InstanceContext(context, arrays, watermark),
        around.runtime().clock());
  }

  /// Where nodes of `graph` run that have no thread of their own.
  static Host shared(Surroundings around, Graph graph) {
    return around.runtime().shared(graph.settings().priority());
  }

  private static @Nullable OwnThread ownThread(Surroundings around, GraphNode node) {
    var name = "millrace-" + around.pipeline() + "-" + node.id();
    return switch (node.execution()) {
      case INLINE -> null;
      case WAITING -> OwnThread.virtual(name);
      case NATIVE -> OwnThread.platform(name);
    };
  }
}
