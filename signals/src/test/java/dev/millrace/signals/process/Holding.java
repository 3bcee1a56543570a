package dev.millrace.signals.process;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import java.util.ArrayList;
import java.util.List;

/// Stands in for the engine: holds what a node emits while the next one has it, and lets go of it
/// afterwards, so that its arrays are lent again.
public final class Holding implements Outlet {
  private final Taker next;

  /// What comes after a node.
  @FunctionalInterface
  public interface Taker {
    void take(Frame frame) throws Exception;
  }

  private Holding(Taker next) {
    this.next = next;
  }

  /// Has the nodes handle the frame one after the other, and `end` look at what comes out.
  public static void through(List<Processor> nodes, Frame frame, Taker end) throws Exception {
    if (nodes.isEmpty()) {
      end.take(frame);
    } else {
      nodes
          .getFirst()
          .process(frame, new Holding(made -> through(nodes.subList(1, nodes.size()), made, end)));
    }
  }

  /// What the nodes make of the frame, with samples of its own.
  public static List<Frame> detached(List<Processor> nodes, Frame frame) throws Exception {
    var made = new ArrayList<Frame>();
    through(nodes, frame, last -> made.add(last.detach()));
    return made;
  }

  @Override
  public void emit(Frame frame) {
    if (frame.body() instanceof Samples samples) {
      samples.retain();
    }
    try {
      next.take(frame);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception failure) {
      throw new AssertionError(failure);
    } finally {
      if (frame.body() instanceof Samples samples) {
        samples.release();
      }
    }
  }
}
