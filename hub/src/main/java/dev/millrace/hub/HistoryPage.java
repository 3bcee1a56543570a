package dev.millrace.hub;

import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The newest messages that a topic has kept, as they were when its loop was asked. The log ends at
/// `offset` of `epoch`.
public final class HistoryPage {
  /// A copied frame of the canonical form.
  record Kept(long offset, byte[] frame) {}

  private final int epoch;
  private final long offset;
  private final List<Kept> frames;
  private final @Nullable WireForm form;

  HistoryPage(int epoch, long offset, List<Kept> frames, @Nullable WireForm form) {
    this.epoch = epoch;
    this.offset = offset;
    this.frames = frames;
    this.form = form;
  }

  public int epoch() {
    return epoch;
  }

  public long offset() {
    return offset;
  }

  List<Kept> frames() {
    return frames;
  }

  /// Reads the frames, oldest first, on the caller's thread. What cannot be read back is left out.
  public List<HistoryEntry> entries() {
    var reader = form;
    if (reader == null) {
      return List.of();
    }
    return frames.stream()
        .map(kept -> reader.read(kept.offset(), Unpooled.wrappedBuffer(kept.frame())))
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .toList();
  }
}
