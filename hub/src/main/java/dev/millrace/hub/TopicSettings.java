package dev.millrace.hub;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What holds for one topic. `retention` is null when nothing is kept, an empty `audience` is
/// everybody.
public record TopicSettings(
    @Nullable RetentionSpec retention, Set<String> audience, int conflateMillis, boolean presence) {
  static final TopicSettings PLAIN = new TopicSettings(null, Set.of(), 0, false);

  /// Why clients of `surface` may not subscribe, or null.
  @Nullable String objectionTo(String surface) {
    return audience.isEmpty() || audience.contains(surface)
        ? null
        : "the topic is not for clients of " + surface;
  }
}
