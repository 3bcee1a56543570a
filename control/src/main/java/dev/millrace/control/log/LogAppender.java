package dev.millrace.control.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.util.ReentryGuard;
import ch.qos.logback.core.util.ReentryGuardFactory;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/// Where Logback hands over: copies what an event says, offers it to whoever follows the log and to
/// the queue, and returns. Runs on every thread that logs; never waits, never throws.
final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private final LogQueue queue;
  private final LogWriter writer;
  private final Losses losses;
  private final Supplier<Redactor> redactor;
  private final CopyOnWriteArrayList<TailRing> tails;
  private volatile boolean closed; // set once, by close

  LogAppender(
      LogQueue queue,
      LogWriter writer,
      Losses losses,
      Supplier<Redactor> redactor,
      CopyOnWriteArrayList<TailRing> tails) {
    this.queue = queue;
    this.writer = writer;
    this.losses = losses;
    this.redactor = redactor;
    this.tails = tails;
    setName("millrace");
  }

  /// From now on everything is dropped, and counted.
  void close() {
    closed = true;
  }

  @Override
  protected void append(ILoggingEvent event) {
    var level = levelOf(event.getLevel());
    boolean admitted = !closed && queue.admits(level);
    if (!admitted && tails.isEmpty()) {
      losses.count(level, 1); // before anything was spent on it
      return;
    }
    var record = LogRecord.of(event, level, Clipped.VISIBLE + redactor.get().reach());
    for (var tail : tails) {
      tail.offer(record);
    }
    if (admitted && queue.offer(record)) {
      writer.wake();
    } else {
      losses.count(level, 1);
    }
  }

  /// An argument that logs while it is printed logs like anybody else.
  @Override
  protected ReentryGuard buildReentryGuard() {
    return ReentryGuardFactory.makeGuard(ReentryGuardFactory.GuardType.NOP);
  }

  private static org.slf4j.event.Level levelOf(Level level) {
    return switch (level.levelInt) {
      case Level.ERROR_INT -> org.slf4j.event.Level.ERROR;
      case Level.WARN_INT -> org.slf4j.event.Level.WARN;
      case Level.INFO_INT -> org.slf4j.event.Level.INFO;
      case Level.DEBUG_INT -> org.slf4j.event.Level.DEBUG;
      default -> org.slf4j.event.Level.TRACE;
    };
  }
}
