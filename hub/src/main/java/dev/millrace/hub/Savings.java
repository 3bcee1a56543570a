package dev.millrace.hub;

/// Frames that were handed to one session smaller than they would be in a plain form. Confined to
/// the session's loop.
public final class Savings {
  private long frames;
  private long bytes;

  Savings() {}

  /// Counts a frame that was made for this session alone and is smaller by `saved` bytes.
  public void add(int saved) {
    add(1, saved);
  }

  void add(int moreFrames, long saved) {
    frames += moreFrames;
    bytes += saved;
  }

  public long frames() {
    return frames;
  }

  /// Bytes saved by them.
  public long bytes() {
    return bytes;
  }
}
