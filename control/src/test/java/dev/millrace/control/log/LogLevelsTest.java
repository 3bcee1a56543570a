package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class LogLevelsTest {
  private static final List<String> TARGETS =
      List.of("engine", "engine.pipeline", "engine.pipeline.Pipeline", "hub", "net", "io.netty");

  @Test
  void librariesSpeakOnlyWhenSomethingIsWrongUnlessTheyAreNamed() {
    var context = new LoggerContext();
    var levels =
        new LogLevels(context, LogFixture.levels(Level.DEBUG, Map.of("io.netty", Level.INFO)));
    assertThat(context.getLogger("org.sqlite.Core").isInfoEnabled()).isFalse();
    assertThat(context.getLogger("org.sqlite.Core").isWarnEnabled()).isTrue();
    assertThat(context.getLogger("io.netty.util.X").isInfoEnabled()).isTrue();
    assertThat(context.getLogger("io.nettyx.X").isInfoEnabled()).isFalse();
    assertThat(context.getLogger("dev.millrace.hub.Hub").isDebugEnabled()).isTrue();

    levels.apply(LogFixture.levels(Level.ERROR, Map.of()));
    assertThat(context.getLogger("org.sqlite.Core").isWarnEnabled()).isFalse();
    assertThat(context.getLogger("io.netty.util.X").isWarnEnabled()).isFalse();
  }

  @Test
  void anOperatorsLevelHoldsUntilTheConfigurationChangesThatKey() {
    var context = new LoggerContext();
    var engine = context.getLogger("dev.millrace.engine.flow.Chain");
    var levels = new LogLevels(context, LogFixture.levels(Level.INFO, Map.of()));
    assertThat(levels.override("engine", Level.TRACE)).isEqualTo(LogLevels.Change.MADE);
    assertThat(levels.override("engine", Level.TRACE)).isEqualTo(LogLevels.Change.NOT_NEEDED);

    levels.apply(LogFixture.levels(Level.INFO, Map.of()));
    assertThat(engine.isTraceEnabled()).as("nothing changed").isTrue();
    levels.apply(LogFixture.levels(Level.WARN, Map.of("hub", Level.DEBUG)));
    assertThat(engine.isTraceEnabled()).as("other keys changed").isTrue();
    levels.apply(LogFixture.levels(Level.WARN, Map.of("engine", Level.ERROR)));
    assertThat(engine.isWarnEnabled()).as("this key changed").isFalse();
    levels.override("engine", Level.DEBUG);
    levels.apply(LogFixture.levels(Level.WARN, Map.of()));
    assertThat(engine.isInfoEnabled()).as("this key was removed").isFalse();
  }

  @Test
  void aWholeLoggersNameIsTheSameTarget() {
    var context = new LoggerContext();
    var levels = new LogLevels(context, LogFixture.levels(Level.INFO, Map.of()));
    levels.override("dev.millrace.hub", Level.DEBUG);
    assertThat(levels.override("hub", Level.DEBUG)).isEqualTo(LogLevels.Change.NOT_NEEDED);
    assertThat(context.getLogger("dev.millrace.hub.Hub").isDebugEnabled()).isTrue();
  }

  @Test
  void onlySoManyTargetsHaveLevelsOfTheirOwn() {
    var levels = new LogLevels(new LoggerContext(), LogFixture.levels(Level.INFO, Map.of()));
    for (int i = 0; i < 256; i++) {
      levels.override("t" + i, Level.DEBUG);
    }
    assertThat(levels.override("another", Level.DEBUG)).isEqualTo(LogLevels.Change.REFUSED);
    assertThat(levels.override("t7", Level.WARN)).isEqualTo(LogLevels.Change.MADE);
  }

  /// Reloads and operators in any order, beside a model that keeps two maps and looks for the
  /// longest name.
  @Test
  void levelsAreThoseOfTheModelWhateverHappened() {
    for (long seed = 1; seed <= 40; seed++) {
      var random = new Random(seed);
      var context = new LoggerContext();
      var spec = randomSpec(random);
      var levels = new LogLevels(context, spec);
      var overrides = new HashMap<String, Level>();
      for (int step = 0; step < 60; step++) {
        if (random.nextInt(3) == 0) {
          var next = random.nextInt(4) == 0 ? spec : randomSpec(random);
          for (var key : TARGETS) {
            if (next.levels().get(key) != spec.levels().get(key)) {
              overrides.remove(key);
            }
          }
          if (next.level() != spec.level()) {
            overrides.remove("");
          }
          levels.apply(next);
          spec = next;
        } else {
          var target = random.nextInt(5) == 0 ? "" : TARGETS.get(random.nextInt(TARGETS.size()));
          var level = level(random);
          levels.override(target, level);
          if (inForce(spec, overrides, target) != level) {
            overrides.put(target, level);
          }
        }
        for (var target : TARGETS) {
          var logger =
              context.getLogger(
                  target.startsWith("io.") ? target + ".X" : "dev.millrace." + target + ".X");
          assertThat(logger.getEffectiveLevel().toString())
              .as("seed %d, step %d, %s", seed, step, target)
              .isEqualTo(expected(spec, overrides, target).name());
        }
      }
    }
  }

  private static Level expected(LogSpec spec, Map<String, Level> overrides, String target) {
    for (var name = target; !name.isEmpty(); name = above(name)) {
      var level = inForce(spec, overrides, name);
      if (level != null) {
        return level;
      }
    }
    var general = overrides.getOrDefault("", spec.level());
    return target.startsWith("io.") ? (general == Level.ERROR ? Level.ERROR : Level.WARN) : general;
  }

  private static @org.jspecify.annotations.Nullable Level inForce(
      LogSpec spec, Map<String, Level> overrides, String target) {
    var override = overrides.get(target);
    if (override != null) {
      return override;
    }
    return target.isEmpty() ? spec.level() : spec.levels().get(target);
  }

  private static String above(String target) {
    int dot = target.lastIndexOf('.');
    return dot < 0 ? "" : target.substring(0, dot);
  }

  private static LogSpec randomSpec(Random random) {
    var named = new HashMap<String, Level>();
    for (var target : TARGETS) {
      if (random.nextInt(3) == 0) {
        named.put(target, level(random));
      }
    }
    return LogFixture.levels(level(random), named);
  }

  private static Level level(Random random) {
    return List.of(Level.values()).get(random.nextInt(5));
  }
}
