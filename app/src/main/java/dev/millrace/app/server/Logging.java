package dev.millrace.app.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.millrace.app.config.LoggingSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sets up logging to standard error, so that standard output stays what a command prints.
public final class Logging {
  private static final String TEXT =
      "%d{HH:mm:ss.SSS} %-5level %replace(%logger{0}){'^$','-'} %msg%replace( [%X{request_id}]){'"
          + " \\[\\]', ''}%n%ex{full}";

  private Logging() {}

  public static void configure(LoggingSpec spec) {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder(context, spec.format()));
    appender.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(Level.WARN); // libraries speak only when something is wrong
    context.getLogger("dev.millrace").setLevel(Level.toLevel(spec.level().name()));
  }

  private static EncoderBase<ILoggingEvent> encoder(
      LoggerContext context, LoggingSpec.Format format) {
    if (format == LoggingSpec.Format.TEXT || (format == LoggingSpec.Format.AUTO && isTerminal())) {
      var text = new PatternLayoutEncoder();
      text.setContext(context);
      text.setPattern(TEXT);
      text.start();
      return text;
    }
    var json = new JsonEncoder();
    json.setContext(context);
    json.setWithContext(false);
    json.setWithSequenceNumber(false);
    json.setWithNanoseconds(false);
    json.setWithMessage(false);
    json.setWithArguments(false);
    json.setWithFormattedMessage(true);
    json.start();
    return json;
  }

  /// Whether a person is looking at standard output.
  @SuppressWarnings("SystemConsoleNull") // it is, when the JDK's own console is asked for
  public static boolean isTerminal() {
    var console = System.console();
    return console != null && console.isTerminal();
  }
}
