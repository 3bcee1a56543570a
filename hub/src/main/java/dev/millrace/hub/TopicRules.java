package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which settings a topic has: those of the first entry of `hub.topics` that fits its name.
/// Immutable.
final class TopicRules {
  private record Rule(String match, TopicSettings settings) {}

  private final List<Rule> rules = new ArrayList<>();
  private final TopicSettings otherwise;

  TopicRules(HubSpec spec) {
    var recovery = spec.recovery().enabled() ? spec.recovery().retention() : null;
    boolean presence = spec.presence().enabled();
    this.otherwise =
        recovery == null && !presence
            ? TopicSettings.PLAIN
            : new TopicSettings(recovery, Set.of(), 0, null, presence);
    for (var topic : spec.topics()) {
      var own = topic.presence();
      rules.add(
          new Rule(
              topic.match(),
              new TopicSettings(
                  wanted(topic.retention(), recovery),
                  Set.copyOf(topic.audience()),
                  topic.conflateMs(),
                  topic.conflateBy(),
                  own == null ? presence : own)));
    }
  }

  private static @Nullable RetentionSpec wanted(
      @Nullable RetentionSpec own, @Nullable RetentionSpec otherwise) {
    var retention = own == null ? otherwise : own;
    return retention == null || retention.messages() == 0 ? null : retention;
  }

  TopicSettings of(String topic) {
    if (Companion.isOne(topic)) {
      return TopicSettings.PLAIN;
    }
    for (var rule : rules) {
      if (matches(rule.match(), topic)) {
        return rule.settings();
      }
    }
    return otherwise;
  }

  boolean someRetain() {
    return otherwise.retention() != null
        || rules.stream().anyMatch(rule -> rule.settings().retention() != null);
  }

  boolean someHavePresence() {
    return otherwise.presence() || rules.stream().anyMatch(rule -> rule.settings().presence());
  }

  /// In time proportional to the product of both lengths: of several stars only the last is ever
  /// tried again.
  static boolean matches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int starName = 0;
    while (n < name.length()) {
      char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
      if (wanted == '*') {
        star = p++;
        starName = n;
      } else if (p < pattern.length() && (wanted == '?' || wanted == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++starName;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
