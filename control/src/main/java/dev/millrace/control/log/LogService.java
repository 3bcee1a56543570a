package dev.millrace.control.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.status.NopStatusListener;
import dev.millrace.control.command.Command;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.Clock;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The logs of the process: the one appender, the queue behind it, and the thread that writes.
///
/// Logging never waits. What a thread logs is copied into a bounded queue; the fuller that is, the
/// less gets in, by level, and what does not is counted. A sink that blocks or fails delays only
/// the thread `millrace-log`, and the end of the process by at most one second. Safe from any
/// thread.
public final class LogService implements AutoCloseable {
  private static final Duration FLUSH = Duration.ofSeconds(1);

  private final Clock clock;
  private final LogQueue queue;
  private final LogWriter writer;
  private final LogAppender appender;
  private final LogLevels levels;
  private final Losses losses;
  private final CopyOnWriteArrayList<TailRing> tails = new CopyOnWriteArrayList<>();
  private volatile Redactor redactor = Redactor.of(List.of()); // replaced whole by mask

  LogService(
      LoggerContext context, LogSpec spec, LogWriter.Sink sink, Clock clock, Metrics metrics) {
    this.clock = clock;
    this.queue = new LogQueue(spec.queue());
    this.losses = new Losses(metrics);
    this.writer =
        new LogWriter(queue, losses, () -> redactor, this::offerToTails, sink, clock, metrics);
    this.appender = new LogAppender(queue, writer, losses, () -> redactor, tails);
    context.reset();
    context.getStatusManager().add(new NopStatusListener()); // it has nothing to say to anybody
    appender.setContext(context);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    this.levels = new LogLevels(context, spec);
    writer.start();
  }

  /// Takes over the logging of the process with the defaults, before any configuration is read. To
  /// be called once, before anything is logged.
  public static LogService bootstrap(Clock clock, Metrics metrics) {
    var spec = Spec.of(LogSpec.class).defaults();
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    return new LogService(context, spec, stream(spec), clock, metrics);
  }

  /// Leaves the logging of the process alone: what is configured here concerns nobody.
  public static LogService detached(Clock clock, Metrics metrics) {
    var spec = Spec.of(LogSpec.class).defaults();
    return new LogService(new LoggerContext(), spec, stream(spec), clock, metrics);
  }

  /// Has libraries say nothing, for a process that serves nothing and so never takes over its
  /// logging.
  public static void silence() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(ch.qos.logback.classic.Level.OFF);
  }

  /// Goes on as configured. To be called once, when `dataDirectory` is ours; what was logged before
  /// has gone to standard error.
  ///
  /// @throws IOException with the file's name if the log's file cannot be written
  public void start(LogSpec spec, Path dataDirectory) throws IOException {
    var sink =
        switch (spec.output()) {
          case STDERR, STDOUT -> stream(spec);
          case FILE -> file(spec, dataDirectory);
        };
    queue.capacity(spec.queue());
    writer.use(sink);
    levels.apply(spec);
  }

  /// Puts the levels of a new configuration into force; the rest of it waits for the next start.
  public void apply(LogSpec spec) {
    levels.apply(spec);
  }

  /// From now on masks `secrets` instead of those of the last call, wherever they would appear, and
  /// in tails too. Those of less than 8 characters would mask ordinary words and are left out.
  ///
  /// @throws IllegalArgumentException if there are more than about three thousand
  public void mask(Collection<String> secrets) {
    redactor = Redactor.of(secrets);
  }

  /// `text` as the log would show it: without the secrets, and not without end.
  public String masked(String text) {
    var now = redactor;
    return now.visible(Clipped.of(text, Clipped.VISIBLE + now.reach()));
  }

  /// The command `log_level`.
  public Command levelCommand() {
    return LogLevelCommand.of(levels);
  }

  /// Records of `least` and above whose component is `target` or beneath it (all for the empty
  /// text), at most `limitPerSecond`, from now on. Levels in force still decide what is logged at
  /// all. The tail is for one thread at a time; it must be closed.
  public LogTail tail(Level least, String target, int limitPerSecond) {
    var tail =
        new TailRing(
            least, Target.of(target), limitPerSecond, () -> redactor, clock, tails::remove);
    tails.add(tail);
    return tail;
  }

  /// Records dropped so far because the sink could not keep up, by level.
  public Map<String, Long> droppedByLevel() {
    return losses.byLevel();
  }

  /// Writes what waits, for at most a second. What is logged afterwards is dropped and counted.
  @Override
  public void close() {
    appender.close();
    try {
      writer.close(FLUSH);
    } catch (InterruptedException impatient) {
      Thread.currentThread().interrupt();
    }
  }

  private void offerToTails(LogRecord record) {
    tails.forEach(tail -> tail.offer(record));
  }

  private static LogWriter.Sink stream(LogSpec spec) {
    boolean standardOutput = spec.output() == LogSpec.Output.STDOUT;
    var channel = WholeLines.of(standardOutput ? FileDescriptor.out : FileDescriptor.err);
    boolean text =
        switch (spec.format()) {
          case TEXT -> true;
          case JSON -> false;
          case AUTO -> Terminal.isTerminal();
        };
    if (!text) {
      return new LogWriter.Sink(new JsonLines(), channel);
    }
    var form =
        Terminal.isTerminal()
            ? TextLines.forTerminal(Terminal.takesColours(standardOutput ? 1 : 2, System.getenv()))
            : TextLines.forFile();
    return new LogWriter.Sink(form, channel);
  }

  private static LogWriter.Sink file(LogSpec spec, Path dataDirectory) throws IOException {
    WritableByteChannel channel =
        RollingFile.open(dataDirectory.resolve(spec.file()), spec.fileSize().bytes(), spec.files());
    var form = spec.format() == LogSpec.Format.TEXT ? TextLines.forFile() : new JsonLines();
    return new LogWriter.Sink(form, channel);
  }
}
