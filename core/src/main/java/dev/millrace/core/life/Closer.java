package dev.millrace.core.life;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes what was opened, newest first, each exactly once, whatever the others do.
///
/// Whoever constructs several things hands each to [#opened] as it comes up; when the third of five
/// fails, closing this undoes the first two. Confined to the thread that starts and stops.
public final class Closer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Closer.class);

  private final ArrayDeque<AutoCloseable> opened = new ArrayDeque<>();

  /// Remembers `resource` and returns it.
  public <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      var resource = opened.pop();
      try {
        resource.close();
      } catch (Exception failure) {
        log.error("Closing {} failed; the rest is closed all the same", resource, failure);
      }
    }
  }
}
