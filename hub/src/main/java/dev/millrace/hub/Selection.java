package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a subscription takes out of its lane: the frames its filters keep, the latest of each key,
/// or both. Confined to the session's loop.
final class Selection {
  private final List<FrameFilter> filters; // a frame that one keeps is kept; none: all are
  private final @Nullable Conflation conflation;

  private Selection(List<FrameFilter> filters, @Nullable Conflation conflation) {
    this.filters = filters;
    this.conflation = conflation;
  }

  /// What several wishes for one topic come to: whatever one of them would be given. Null if that
  /// is everything. Returns `before` if nothing changes.
  static @Nullable Selection of(
      List<Wanted> wishes, @Nullable Selection before, Hub hub, String topic) {
    int topicMillis = hub.settings(topic).conflateMillis();
    var filters = new ArrayList<FrameFilter>();
    int millis = Integer.MAX_VALUE;
    boolean all = false;
    for (var wish : wishes) {
      int own = wish.conflateMillis();
      millis = Math.min(millis, own == 0 ? topicMillis : own);
      if (wish.filter() == null) {
        all = true;
      } else {
        filters.add(wish.filter());
      }
    }
    if (all) {
      filters.clear();
    }
    if (filters.isEmpty() && millis == 0) {
      return null;
    }
    if (before != null && before.filters.equals(filters) && before.millis() == millis) {
      return before;
    }
    return new Selection(
        List.copyOf(filters),
        millis == 0 ? null : new Conflation(hub.keyReaders().of(topic), millis));
  }

  @Nullable Conflation conflation() {
    return conflation;
  }

  /// The same for another cursor: with keys of its own.
  Selection another() {
    return conflation == null
        ? this
        : new Selection(filters, new Conflation(conflation.keys(), millis()));
  }

  boolean keeps(Copier copier, Topic topic, Chunk chunk, int frame) {
    if (filters.isEmpty()) {
      return true;
    }
    copier.look(topic, chunk, frame);
    return keepsLookedAt(copier);
  }

  /// Whether a filter keeps the frame that `copier` looks at.
  boolean keepsLookedAt(Copier copier) {
    for (int i = 0; i < filters.size(); i++) {
      if (copier.keeps(filters.get(i))) {
        return true;
      }
    }
    return filters.isEmpty();
  }

  private int millis() {
    return conflation == null ? 0 : (int) (conflation.intervalNanos() / 1_000_000);
  }
}
