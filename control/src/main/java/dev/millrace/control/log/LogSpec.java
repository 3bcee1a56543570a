package dev.millrace.control.log;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.event.Level;

/// What is logged, and where to.
public record LogSpec(
    @About("The least level that is written. Libraries are written from `warn` on.")
        @Default("info")
        Level level,
    @About(
            "Least levels of single components: `engine`, `hub.session`, `io.netty`. A component is"
                + " named as in the log; an entry holds for everything beneath it.")
        Map<String, Level> levels,
    @About(
            "`auto` writes text when standard output is a terminal, and JSON lines otherwise and to"
                + " files.")
        @OnRestart
        @Default("auto")
        Format format,
    @About("Where records go.") @OnRestart @Default("stderr") Output output,
    @About("The file for the output `file`, under the data directory.")
        @OnRestart
        @Default("logs/millrace.log")
        String file,
    @About("The file is set aside and a new one begun when it would grow beyond this.")
        @OnRestart
        @Default("64MiB")
        @Range(min = 1_048_576)
        ByteSize fileSize,
    @About("How many files are kept, the current one included.")
        @OnRestart
        @Default("5")
        @Range(min = 1, max = 1_000)
        int files,
    @About(
            "Records that may wait to be written. From 75 % on trace and debug are dropped, from"
                + " 90 % on nine of ten of info, and all when it is full; the log says how many.")
        @OnRestart
        @Default("8192")
        @Range(min = 16, max = 1_048_576)
        int queue) {
  private static final int MAX_LEVELS = 256;

  public enum Format {
    AUTO,
    TEXT,
    JSON
  }

  public enum Output {
    STDERR,
    STDOUT,
    FILE
  }

  public LogSpec {
    if (levels.size() > MAX_LEVELS) {
      throw new IllegalArgumentException(
          "logging.levels has " + levels.size() + " entries; at most " + MAX_LEVELS + " fit");
    }
    var named = new TreeMap<String, Level>();
    levels.forEach(
        (target, least) -> {
          if (!Target.isValid(target)) {
            throw new IllegalArgumentException(
                "logging.levels names "
                    + Target.quoted(target)
                    + "; a component is written as in the log, such as engine or io.netty");
          }
          named.put(Target.of(target), least);
        });
    levels = Collections.unmodifiableMap(named);
    var path = Path.of(file).normalize();
    if (file.isBlank() || path.isAbsolute() || path.startsWith("..") || path.toString().isEmpty()) {
      throw new IllegalArgumentException(
          "logging.file is "
              + Target.quoted(file)
              + "; it must be a path beneath the data directory, such as logs/millrace.log");
    }
  }
}
