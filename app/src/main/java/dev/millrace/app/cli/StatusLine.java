package dev.millrace.app.cli;

import dev.millrace.app.server.RunSummary;
import dev.millrace.app.server.Server;
import dev.millrace.control.log.Terminal;
import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One line of rates on a terminal, written over itself once a second. Not drawn anywhere else: a
/// log or a pipe gets the summary alone.
final class StatusLine implements AutoCloseable {
  private static final String CLEAR = "\r\u001b[2K";

  private final Server server;
  private final PrintWriter out;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("millrace-status-line").daemon(true).factory());
  private RunSummary before;
  private long beforeNanos;

  private StatusLine(Server server, PrintWriter out) {
    this.server = server;
    this.out = out;
    this.before = RunSummary.of(server);
    this.beforeNanos = System.nanoTime();
  }

  static @Nullable StatusLine startOnTerminal(Server server, PrintWriter out) {
    if (!Terminal.isTerminal()) {
      return null;
    }
    var line = new StatusLine(server, out);
    var _ = line.timer.scheduleAtFixedRate(line::draw, 1, 1, TimeUnit.SECONDS);
    return line;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    out.print(CLEAR);
    out.flush();
  }

  private void draw() {
    var now = RunSummary.of(server);
    long nanos = System.nanoTime();
    double seconds = (nanos - beforeNanos) / 1e9;
    var runtime = Runtime.getRuntime();
    out.print(
        CLEAR
            + "  events "
            + Messages.rate((now.eventsRead() - before.eventsRead()) / seconds)
            + "   published "
            + Messages.rate((now.published() - before.published()) / seconds)
            + "   total "
            + Messages.number(now.eventsRead())
            + "   clients "
            + Messages.number(now.sessions())
            + "   memory "
            + ((runtime.totalMemory() - runtime.freeMemory()) >> 20)
            + " MB"
            + now.trouble().map(sentence -> "   " + sentence).orElse(""));
    out.flush();
    before = now;
    beforeNanos = nanos;
  }
}
