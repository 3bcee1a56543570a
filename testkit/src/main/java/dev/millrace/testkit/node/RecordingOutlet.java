package dev.millrace.testkit.node;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Outlet;
import java.util.ArrayList;
import java.util.List;

/// Keeps what a node emits and holds it to the rules of [Outlet]: only during the call, and not too
/// much at once.
final class RecordingOutlet implements Outlet {
  private final List<Frame> frames = new ArrayList<>();
  private boolean open;
  private int emittedInCall;

  void beginCall() {
    open = true;
    emittedInCall = 0;
  }

  int endCall() {
    open = false;
    return emittedInCall;
  }

  @Override
  public void emit(Frame frame) {
    if (!open) {
      throw new AssertionError("emitted outside of the call the outlet was passed to: " + frame);
    }
    if (++emittedInCall > MAX_FRAMES_PER_CALL) {
      throw new AssertionError("more than " + MAX_FRAMES_PER_CALL + " frames in one call");
    }
    frames.add(frame);
  }

  int count() {
    return frames.size();
  }

  List<Frame> frames() {
    return List.copyOf(frames);
  }
}
