package dev.millrace.engine.pipeline;

import java.util.concurrent.CompletableFuture;

/// Has changes of several pipelines come about together or not at all: each waits for the others
/// where it has opened its new nodes, and again where its chains stand still. Safe from any thread.
public final class Accord {
  private final Step opened = new Step();
  private final Step standing = new Step();
  private int parties; // guarded by this

  /// How many changes have come to a point; guarded by the accord.
  private static final class Step {
    private final CompletableFuture<Boolean> all = new CompletableFuture<>();
    private int arrived;
  }

  /// `parties` is how many changes there are.
  public Accord(int parties) {
    this.parties = parties;
  }

  /// One of the changes has opened what is new.
  ///
  /// @return what completes with true when all have, and with false once one is refused
  CompletableFuture<Boolean> opened() {
    return arrived(opened);
  }

  /// One of the changes could be carried out now; the rest is as with [#opened].
  CompletableFuture<Boolean> standsStill() {
    return arrived(standing);
  }

  /// One of the changes need not come about.
  public synchronized void leave() {
    parties--;
    settle();
  }

  /// One of the changes cannot come about.
  public void refuse() {
    opened.all.complete(false);
    standing.all.complete(false);
  }

  private synchronized CompletableFuture<Boolean> arrived(Step step) {
    step.arrived++;
    settle();
    return step.all;
  }

  private void settle() {
    if (opened.arrived >= parties) {
      opened.all.complete(true);
    }
    if (standing.arrived >= parties) {
      standing.all.complete(true);
    }
  }
}
