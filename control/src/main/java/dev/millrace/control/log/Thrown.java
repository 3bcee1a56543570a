package dev.millrace.control.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was thrown, with its causes, without holding on to it. `sharedFrames` of its last frames
/// are those of the throwable around it. `repeated` says that it stood further out already: causes
/// may run in circles.
record Thrown(
    String type,
    @Nullable Clipped message,
    StackTraceElementProxy[] frames,
    int sharedFrames,
    boolean repeated,
    @Nullable Thrown cause,
    List<Thrown> suppressed) {
  private static final int MOST = 32; // throwables of one record: more do not fit into its stack
  private static final int FRAME_CHARS = 64;

  static @Nullable Thrown of(@Nullable IThrowableProxy proxy, int keep) {
    return proxy == null ? null : new Reader(keep).read(proxy);
  }

  /// About how many characters this keeps in memory.
  int weight() {
    int weight = type.length() + frames.length * FRAME_CHARS;
    weight += message == null ? 0 : message.text().length();
    weight += cause == null ? 0 : cause.weight();
    for (var one : suppressed) {
      weight += one.weight();
    }
    return weight;
  }

  private static final class Reader {
    private final int keep;
    private int seen;

    Reader(int keep) {
      this.keep = keep;
    }

    Thrown read(IThrowableProxy proxy) {
      seen++;
      var message = proxy.getMessage();
      var cause = proxy.getCause();
      var suppressed = new ArrayList<Thrown>();
      // Causes first: they say more than what failed while closing.
      var causeRead = cause == null || seen >= MOST ? null : read(cause);
      if (proxy.getSuppressed() != null) {
        for (var one : proxy.getSuppressed()) {
          if (seen < MOST) {
            suppressed.add(read(one));
          }
        }
      }
      var frames = proxy.getStackTraceElementProxyArray();
      return new Thrown(
          proxy.getClassName(),
          message == null ? null : Clipped.of(message, keep),
          frames == null ? new StackTraceElementProxy[0] : frames,
          Math.max(0, proxy.getCommonFrames()),
          proxy.isCyclic(),
          causeRead,
          List.copyOf(suppressed));
    }
  }
}
