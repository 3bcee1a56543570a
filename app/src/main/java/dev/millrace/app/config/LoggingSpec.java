package dev.millrace.app.config;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;

/// What is logged, to standard error.
public record LoggingSpec(
    @About("The least level that is written.") @Default("info") Level level,
    @About("`auto` writes text to a terminal and JSON lines anywhere else.") @Default("auto")
        Format format) {

  public enum Level {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  public enum Format {
    AUTO,
    TEXT,
    JSON
  }
}
