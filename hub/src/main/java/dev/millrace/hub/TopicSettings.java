package dev.millrace.hub;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What holds for one topic. `retention` is null when nothing is kept, an empty `audience` is
/// everybody, `conflateBy` is the path of what tells messages apart that replace one another.
public record TopicSettings(
    @Nullable RetentionSpec retention,
    Set<String> audience,
    int conflateMillis,
    @Nullable String conflateBy,
    boolean presence) {
  static final TopicSettings PLAIN = new TopicSettings(null, Set.of(), 0, null, false);

  /// Why clients of `surface` may not subscribe, or null.
  @Nullable String objectionTo(String surface) {
    return audience.isEmpty() || audience.contains(surface)
        ? null
        : "the topic is not for clients of " + surface;
  }
}
