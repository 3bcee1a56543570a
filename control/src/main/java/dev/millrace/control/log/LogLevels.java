package dev.millrace.control.log;

import ch.qos.logback.classic.LoggerContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/// Which levels are in force: those of the configuration, and over them what operators have set
/// since. An operator's level holds until the configuration changes that very key. Safe from any
/// thread; a lock, since only the control plane comes here.
final class LogLevels {
  /// Stands for `logging.level`, the level of all our components together.
  static final String GENERAL = "";

  private static final String OURS = "dev.millrace";
  private static final int MAX_OVERRIDES = 256;

  private final LoggerContext context;
  private final Map<String, Level> overrides = new HashMap<>();
  private Map<String, Level> configured;
  private Map<String, Level> inForce = Map.of();

  /// What became of an operator's wish.
  enum Change {
    MADE,
    NOT_NEEDED,
    /// Too many targets have levels of their own.
    REFUSED
  }

  LogLevels(LoggerContext context, LogSpec spec) {
    this.context = context;
    this.configured = byTarget(spec);
    enforce();
  }

  synchronized void apply(LogSpec spec) {
    var next = byTarget(spec);
    Set<String> keys = new TreeSet<>(configured.keySet());
    keys.addAll(next.keySet());
    for (var key : keys) {
      if (configured.get(key) != next.get(key)) {
        overrides.remove(key);
      }
    }
    configured = next;
    enforce();
  }

  /// Sets the level of a valid target, or of [#GENERAL].
  synchronized Change override(String target, Level level) {
    var key = Target.of(target);
    if (inForce.get(key) == level) {
      return Change.NOT_NEEDED;
    }
    if (overrides.size() >= MAX_OVERRIDES && !overrides.containsKey(key)) {
      return Change.REFUSED;
    }
    overrides.put(key, level);
    enforce();
    return Change.MADE;
  }

  private void enforce() {
    var next = new HashMap<>(configured);
    next.putAll(overrides);
    next.forEach(this::set);
    for (var gone : inForce.keySet()) {
      if (!next.containsKey(gone)) {
        unset(gone);
      }
    }
    inForce = Map.copyOf(next);
  }

  /// A target may be a part of ours or a library; whichever it is not has no loggers.
  private void set(String target, Level level) {
    if (target.equals(GENERAL)) {
      context.getLogger(OURS).setLevel(converted(level));
      // Libraries speak only when something is wrong.
      var libraries = level == Level.ERROR ? Level.ERROR : Level.WARN;
      context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(converted(libraries));
    } else {
      context.getLogger(OURS + "." + target).setLevel(converted(level));
      context.getLogger(target).setLevel(converted(level));
    }
  }

  private void unset(String target) {
    context.getLogger(OURS + "." + target).setLevel(null);
    context.getLogger(target).setLevel(null);
  }

  private static Map<String, Level> byTarget(LogSpec spec) {
    var levels = new HashMap<>(spec.levels());
    levels.put(GENERAL, spec.level());
    return levels;
  }

  private static ch.qos.logback.classic.Level converted(Level level) {
    return ch.qos.logback.classic.Level.convertAnSLF4JLevel(level);
  }
}
