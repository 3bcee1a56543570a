package dev.millrace.hub;

import dev.millrace.core.time.Clock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows frames to filters, key readers and rewriters: what the copying path of one loop has in
/// common. Confined to the loop.
final class Copier {
  private static final Logger log = LoggerFactory.getLogger(Copier.class);

  private final FrameMemo memo = new FrameMemo();
  private final FrameView view = new FrameView(memo);
  private final Counters counters;
  private final HeldBack heldBack;
  private final long staleMillis;
  private @Nullable Object lastFailed; // so that one broken filter does not fill the log
  private @Nullable ByteBuf scratch; // of this turn
  private long nowNanos;

  Copier(HubLoop loop, Clock clock, HubSpec spec, Counters counters) {
    this.counters = counters;
    this.heldBack = new HeldBack(loop, clock);
    this.staleMillis = spec.delivery().staleAfter().toMillis();
  }

  void turnBegins(long turnNanos, long turnMillis) {
    nowNanos = turnNanos;
    view.turnBegins(turnMillis);
  }

  void turnEnds() {
    memo.clear();
    if (scratch != null) {
      scratch.release();
      scratch = null;
    }
  }

  long nowNanos() {
    return nowNanos;
  }

  HeldBack heldBack() {
    return heldBack;
  }

  /// Whether a frame has waited too long to go out with the timestamp it was published with.
  boolean isStale(Chunk chunk, int frame) {
    return view.nowMillis() - chunk.publishedMillis(frame) > staleMillis;
  }

  /// The frame that the next questions are about.
  void look(Topic topic, Chunk chunk, int frame) {
    view.set(topic, chunk, frame);
  }

  boolean keeps(FrameFilter filter) {
    try {
      return filter.keeps(view);
    } catch (RuntimeException failure) {
      failed(filter, "A filter of the topic {} failed; its session misses a frame", failure);
      return false;
    }
  }

  /// The key of a frame; one whose key cannot be read shares the topic's.
  Object key(KeyReader keys) {
    try {
      return view.read(keys);
    } catch (RuntimeException failure) {
      failed(keys, "The key of a frame of the topic {} could not be read", failure);
      return view.topic();
    }
  }

  /// Appends the frames of `ranges` to `out`, through `rewriter` if there is one. Returns how many
  /// frames it appended.
  ///
  /// @throws RuntimeException what the rewriter threw
  int copy(Ranges ranges, Topic topic, @Nullable FrameRewriter rewriter, ByteBuf out) {
    if (rewriter == null) {
      for (int i = 0; i < ranges.count(); i++) {
        out.writeBytes(ranges.chunk(i).data(), ranges.firstByte(i), ranges.length(i));
      }
      return ranges.messages();
    }
    int frames = 0;
    for (int i = 0; i < ranges.count(); i++) {
      var chunk = ranges.chunk(i);
      int end = ranges.firstFrame(i) + ranges.frames(i);
      for (int frame = ranges.firstFrame(i); frame < end; frame++) {
        view.set(topic, chunk, frame);
        frames += rewriter.rewrite(view, out);
      }
    }
    return frames;
  }

  /// Appends to `out` what `reencoder` makes of the frames of `ranges`, which are of another form,
  /// through `rewriter` if there is one. Returns how many frames it appended; those without a
  /// timestamp that became smaller count as `savings`, if there are any to be counted.
  ///
  /// @throws RuntimeException what the rewriter threw
  int copy(
      Ranges ranges,
      Topic topic,
      Reencoder reencoder,
      @Nullable FrameRewriter rewriter,
      @Nullable Savings savings,
      ByteBuf out) {
    int frames = 0;
    for (int i = 0; i < ranges.count(); i++) {
      int end = ranges.firstFrame(i) + ranges.frames(i);
      for (int frame = ranges.firstFrame(i); frame < end; frame++) {
        frames += copy(topic, ranges.chunk(i), frame, reencoder, null, rewriter, savings, out);
      }
    }
    return frames;
  }

  /// Appends to `out` what `reencoder` makes of a frame of another form, unless `selection` does
  /// not keep it, through `rewriter` if there is one. Returns how many frames it appended. A frame
  /// that cannot be re-encoded is left out and counted.
  ///
  /// @throws RuntimeException what the rewriter threw
  int copy(
      Topic topic,
      Chunk chunk,
      int frame,
      Reencoder reencoder,
      @Nullable Selection selection,
      @Nullable FrameRewriter rewriter,
      @Nullable Savings savings,
      ByteBuf out) {
    view.set(topic, chunk, frame);
    if (selection != null && !selection.keepsLookedAt(this)) {
      return 0;
    }
    var to = rewriter == null ? out : scratch();
    int before = to.writerIndex();
    int timestampAt;
    try {
      timestampAt = reencoder.reencode(view, to);
    } catch (RuntimeException failure) {
      to.writerIndex(before);
      counters.refusedUnencodable.inc();
      log.error("A kept message of {} could not be copied", topic.name(), failure);
      return 0;
    }
    int saved = view.length() - (to.writerIndex() - before);
    if (savings != null && timestampAt < 0 && saved > 0) {
      savings.add(saved);
    }
    if (rewriter == null) {
      return 1;
    }
    view.set(topic, chunk, frame, to, timestampAt);
    return rewriter.rewrite(view, out);
  }

  private ByteBuf scratch() {
    var known = scratch;
    if (known == null) {
      known = PooledByteBufAllocator.DEFAULT.directBuffer();
      scratch = known;
    }
    return known.clear();
  }

  private void failed(Object what, String sentence, RuntimeException failure) {
    counters.failedFilters.inc();
    if (!what.equals(lastFailed)) {
      lastFailed = what;
      log.warn(sentence, view.topic(), failure);
    }
  }
}
