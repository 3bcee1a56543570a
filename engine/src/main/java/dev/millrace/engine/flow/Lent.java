package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;

/// Counts holders of lent arrays, frame by frame; frames without any cost a look.
final class Lent {
  private Lent() {}

  static boolean in(Frame frame) {
    return frame.body() instanceof Samples samples && samples.lent();
  }

  static boolean in(Frame[] frames, int from, int to) {
    for (int i = from; i < to; i++) {
      if (in(frames[i])) {
        return true;
      }
    }
    return false;
  }

  static void retain(Frame frame) {
    if (frame.body() instanceof Samples samples) {
      samples.retain();
    }
  }

  static void release(Frame frame) {
    if (frame.body() instanceof Samples samples) {
      samples.release();
    }
  }

  static void release(Frame[] frames, int from, int to) {
    for (int i = from; i < to; i++) {
      release(frames[i]);
    }
  }
}
