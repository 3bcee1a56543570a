package dev.millrace.engine.flow;

import dev.millrace.core.node.Stateful;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.checkpoint.CheckpointRequest;
import dev.millrace.engine.checkpoint.SavedNode;
import dev.millrace.engine.schedule.Wakeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one chain does for checkpoints, between two steps: saves its nodes when the barrier is due,
/// sends it on, and tells the coordinator; and what it knows of its nodes when it has ended.
/// Confined to the chain's thread.
final class Snapshots {
  private final CheckpointCoordinator coordinator;
  private final Wakeable chain;
  private final List<Stage> stages;
  private final @Nullable SourceHead head;
  private final long everyFrames;

  private final Map<String, SavedNode> last = new LinkedHashMap<>(); // of nodes that are finished
  private long taken; // id of the checkpoint that was saved last
  private long sinceLast; // frames of the source since then
  private @Nullable String broken; // why there is no last state

  Snapshots(
      CheckpointCoordinator coordinator,
      Wakeable chain,
      List<Stage> stages,
      @Nullable SourceHead head) {
    this.coordinator = coordinator;
    this.chain = chain;
    this.stages = stages;
    this.head = head;
    this.everyFrames = head == null ? 0 : coordinator.everyFrames();
    stages.forEach(stage -> stage.beforeFinish(() -> ending(stage)));
  }

  /// Takes from all edges again if the checkpoint that some of them wait for has been given up.
  void letGo(Input input) {
    long aligning = input.aligning();
    if (aligning != 0) {
      var wanted = coordinator.wanted();
      if (wanted == null || wanted.id() != aligning) {
        input.goOn();
      }
    }
  }

  /// Does what is due of a checkpoint, before the next step; `inHand` says that frames are on their
  /// way through the chain.
  ///
  /// @return whether there is a barrier on its way out, which comes before the next step
  boolean step(Input input, Exits exits, boolean inHand) {
    var wanted = coordinator.wanted();
    if (wanted == null || wanted.id() == taken || !due(wanted, input)) {
      stand(false);
      return false;
    }
    if (inHand) {
      stand(!wanted.last());
      return false;
    }
    stand(false);
    taken = wanted.id();
    sinceLast = 0;
    try {
      var states = new ArrayList<SavedNode>(stages.size());
      for (var stage : stages) {
        states.add(state(stage, false));
      }
      exits.barrier(taken);
      coordinator.saved(taken, chain, states);
    } catch (Unsaved why) {
      coordinator.failed(taken, why.sentence());
    }
    input.goOn();
    return true;
  }

  private boolean due(CheckpointRequest wanted, Input input) {
    return head == null
        ? input.aligning() == wanted.id() && input.aligned()
        : !wanted.last() || head.done();
  }

  /// Has the source wait for what is on its way through the chain.
  private void stand(boolean still) {
    if (head != null) {
      head.stand(still);
    }
  }

  /// The source has made so many frames.
  void made(int frames) {
    if (everyFrames > 0) {
      sinceLast += frames;
      if (sinceLast >= everyFrames && coordinator.isFree()) {
        sinceLast = 0;
        coordinator.begin();
      }
    }
  }

  /// The node has been given everything.
  private void ending(Stage stage) {
    try {
      last.put(stage.id(), state(stage, true));
    } catch (Unsaved why) {
      broken = why.sentence();
    }
  }

  /// The source at the chain's head, if there is one, has handed out everything; so have the
  /// instances that share a node's work, which keep no state.
  @SuppressWarnings("ReferenceEquality") // the very stage
  void exhausted() {
    for (var stage : stages) {
      if (stage.group() != null || (head != null && head.stage() == stage)) {
        ending(stage);
      }
    }
  }

  /// The chain has ended in good order.
  void ended() {
    if (broken == null) {
      coordinator.ended(chain, List.copyOf(last.values()));
    } else {
      coordinator.incomplete(broken);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very stage
  private SavedNode state(Stage stage, boolean ended) throws Unsaved {
    var source = head != null && head.stage() == stage ? head : null;
    var position = source == null ? null : source.position();
    byte[] bytes = null;
    if (stage.group() == null && stage.node() instanceof Stateful node) {
      if (!stage.isOpen() || (source != null && source.restarting())) {
        throw new Unsaved("the node " + stage.id() + " is between two instances", null);
      }
      try {
        bytes = coordinator.save(node);
      } catch (IOException | RuntimeException failure) {
        throw new Unsaved("the node " + stage.id() + " could not be saved: " + failure, failure);
      }
    }
    return new SavedNode(coordinator.key(stage.id()), ended, position, bytes);
  }

  /// That a node's state cannot be had.
  private static final class Unsaved extends Exception {
    Unsaved(String sentence, @Nullable Throwable cause) {
      super(sentence, cause);
    }

    String sentence() {
      return String.valueOf(getMessage());
    }
  }
}
