package dev.millrace.engine.pipeline;

import dev.millrace.core.node.Node;
import dev.millrace.core.node.Stateful;
import dev.millrace.engine.checkpoint.Checkpoint;
import dev.millrace.engine.checkpoint.NodeKey;
import dev.millrace.engine.checkpoint.SavedNode;
import dev.millrace.engine.graph.GraphNode;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives the nodes of a run, which are open and have seen nothing, what a checkpoint holds of them.
/// Confined to the starting thread, except where a method says otherwise.
final class Restoring {
  private static final Logger log = LoggerFactory.getLogger(Restoring.class);

  private final String pipeline;
  private final Checkpoint from;

  /// A node did not take its state.
  static final class Refusal extends Exception {
    private final String node;

    Refusal(String node, Throwable cause) {
      super(cause instanceof IOException ? cause.getMessage() : cause.toString(), cause);
      this.node = node;
    }

    String node() {
      return node;
    }
  }

  Restoring(String pipeline, Checkpoint from) {
    this.pipeline = pipeline;
    this.from = from;
  }

  static NodeKey key(GraphNode node) {
    return new NodeKey(node.id(), node.type().name(), node.version());
  }

  /// What was saved of the node; empty, if it has changed since.
  private Optional<SavedNode> state(GraphNode node) {
    return from.of(node.id()).filter(state -> state.key().equals(key(node)));
  }

  /// Any thread: how far the source `node` had come in `stream`.
  OptionalLong position(GraphNode node, String stream) {
    return state(node)
        .map(SavedNode::position)
        .filter(position -> position.stream().equals(stream))
        .map(position -> OptionalLong.of(position.ordinal()))
        .orElse(OptionalLong.empty());
  }

  /// Gives all nodes of a run that was opened for this what is there of them.
  ///
  /// @return the states of those that had been given everything
  /// @throws Refusal if a node does not take its state; nothing of `parts` may run then
  List<SavedNode> into(Assembly parts) throws Refusal {
    parts.resumption().goesOnFrom(null);
    for (var node : parts.graph().order()) {
      var position = state(node).map(SavedNode::position);
      if (position.isPresent() && parts.resumption().isAheadOfSinks(node, position.get())) {
        log.info("{}/{} begins where the durable sinks behind it are", pipeline, node.id());
      } else {
        restore(node, parts.stage(node).node(), parts.host(node));
      }
    }
    var over = new ArrayList<SavedNode>();
    for (var run : parts.graph().chains()) {
      var states = over(run);
      if (!states.isEmpty()) {
        parts.chain(run.getFirst()).endsAtOnce();
        over.addAll(states);
      }
    }
    return over;
  }

  private void restore(GraphNode node, Node instance, Host host) throws Refusal {
    var saved = state(node);
    if (saved.isEmpty()) {
      if (instance instanceof Stateful) {
        log.warn("{}/{} begins anew: {}", pipeline, node.id(), why(node));
      }
      return;
    }
    var bytes = saved.get().bytes();
    if (bytes == null || !(instance instanceof Stateful stateful)) {
      return;
    }
    Callable<Boolean> restoring =
        () -> {
          stateful.restore(new DataInputStream(new ByteArrayInputStream(bytes)));
          return true;
        };
    try {
      var _ = host instanceof OwnThread own ? own.call(restoring) : restoring.call();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Refusal(node.id(), interrupted);
    } catch (Exception failure) {
      throw new Refusal(node.id(), failure);
    }
  }

  private String why(GraphNode node) {
    var there = from.of(node.id());
    return there.isEmpty()
        ? "the checkpoint " + from.id() + " has nothing of it"
        : "the checkpoint "
            + from.id()
            + " has the state of "
            + there.get().key()
            + ", and it is "
            + key(node);
  }

  /// The states of the nodes `run` if they had all been given everything, else nothing.
  private List<SavedNode> over(List<GraphNode> run) {
    var states = new ArrayList<SavedNode>();
    for (var node : run) {
      state(node).filter(SavedNode::ended).ifPresent(states::add);
    }
    return states.size() == run.size() ? states : List.of();
  }
}
