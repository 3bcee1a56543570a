package dev.millrace.hub;

/// Decides which frames of a subscription its session gets. Called on the session's loop, once per
/// frame. One that throws keeps nothing of that frame; that is counted.
@FunctionalInterface
public interface FrameFilter {
  boolean keeps(FrameView frame);
}
