package dev.millrace.control.telemetry;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/// What one class logs, until closed.
public final class LogRecorder extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  public final List<ILoggingEvent> records = new CopyOnWriteArrayList<>();
  private final Logger logger;

  public LogRecorder(Class<?> source) {
    logger = (Logger) LoggerFactory.getLogger(source);
    start();
    logger.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    records.add(event);
  }

  /// Level, then key=value of each record.
  public List<String> keyValues() {
    return records.stream()
        .map(
            record ->
                record.getLevel()
                    + " "
                    + record.getKeyValuePairs().stream()
                        .map(pair -> pair.key + "=" + pair.value)
                        .collect(Collectors.joining(" ")))
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    stop();
  }
}
