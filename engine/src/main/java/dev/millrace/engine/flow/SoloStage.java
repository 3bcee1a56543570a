package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Progress;
import java.util.Arrays;
import java.util.List;

/// One node that is run by its caller, without a chain: every call of it goes through its [Stage],
/// so that it counts, fails and is supervised as in a chain. Confined to its caller's thread.
public final class SoloStage {
  private final Stage stage;

  public SoloStage(Stage stage) {
    this.stage = stage;
  }

  public void open(NodeContext context) throws Exception {
    stage.open(context);
  }

  /// Whether a processor takes a frame now.
  public boolean ready() throws NodeFailure {
    return stage.ready();
  }

  /// Handles `frames` as one batch.
  public void process(List<Frame> frames) throws NodeFailure {
    stage.process(frames.toArray(Frame[]::new), 0, frames.size());
    stage.batchEnd(null);
  }

  /// The input has ended.
  public void finish() throws NodeFailure {
    stage.finish();
  }

  /// Hands a triggered source a frame.
  public void trigger(Frame frame) throws NodeFailure {
    stage.trigger(frame);
  }

  /// Has a source make at most `limit` frames.
  public Progress poll(int limit) throws NodeFailure {
    return stage.poll(limit);
  }

  /// Has a source end.
  public void drain() throws NodeFailure {
    stage.drain();
  }

  /// What the node has made since the last time, oldest first.
  public List<Frame> take() {
    var out = stage.out();
    var made = List.of(Arrays.copyOf(out.frames(), out.size()));
    out.clear();
    return made;
  }

  public void close() {
    stage.close();
    stage.stats().publish();
  }
}
