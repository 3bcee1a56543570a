package dev.millrace.control.log;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.SystemClock;
import org.slf4j.LoggerFactory;

/// A process that logs.
final class LoggingProcess {
  private LoggingProcess() {}

  public static void main(String[] arguments) {
    try (var clock = new SystemClock()) {
      var logs = LogService.bootstrap(clock, new Metrics());
      var logger = LoggerFactory.getLogger("dev.millrace.app.Hello");
      if (arguments[0].equals("speak")) {
        logger.info("hello");
        logger.debug("not by default");
        LoggerFactory.getLogger("some.library").info("not by default either");
        logs.close();
        return;
      }
      for (int i = 0; i < 20_000; i++) {
        logger.error("line {}", i);
      }
      long before = System.nanoTime();
      logs.close();
      System.out.println("closed after " + (System.nanoTime() - before) / 1_000_000 + " ms");
    }
  }
}
