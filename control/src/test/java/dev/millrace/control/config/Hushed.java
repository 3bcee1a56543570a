package dev.millrace.control.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/// Keeps what is tested by the thousand out of the build's output.
final class Hushed {
  private Hushed() {}

  static void logs() {
    logger().setLevel(Level.OFF);
  }

  static void no() {
    logger().setLevel(null);
  }

  static Logger logger() {
    return (Logger) LoggerFactory.getLogger("dev.millrace.control.config");
  }
}
