package dev.millrace.gateway.wse;

import dev.millrace.hub.HubLoop;
import dev.millrace.net.Loop;

/// A network loop as the hub sees it. Two ports of the same loop are equal.
public record LoopPort(Loop loop) implements HubLoop {
  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public void executeAfterReads(Runnable task) {
    loop.executeAfterReads(task);
  }

  @Override
  public boolean inLoop() {
    return loop.inLoop();
  }
}
