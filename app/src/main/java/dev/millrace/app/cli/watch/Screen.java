package dev.millrace.app.cli.watch;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A whole terminal, taken over: keys come at once and are not echoed, what stood there comes back
/// when it is closed. Confined to one thread, but for [#close].
public final class Screen implements AutoCloseable {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
  private static final Size USUAL = new Size(24, 80);

  private final PrintWriter out;
  private final String before; // the terminal's settings
  private final Thread atExit;
  private boolean closed;

  /// In places.
  public record Size(int rows, int columns) {}

  private Screen(PrintWriter out, String before) {
    this.out = out;
    this.before = before;
    this.atExit = new Thread(this::restore, "millrace-terminal");
  }

  /// Takes the terminal over; null where that cannot be.
  public static @Nullable Screen open(PrintWriter out) {
    var before = stty("-g");
    if (before == null || stty("-icanon", "-echo", "min", "1", "time", "0") == null) {
      return null;
    }
    var screen = new Screen(out, before);
    Runtime.getRuntime().addShutdownHook(screen.atExit);
    out.print(ENTER);
    out.flush();
    return screen;
  }

  /// Whether colours are wanted, as far as the environment says.
  public static boolean colours(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  /// What the terminal has room for now.
  public static Size size() {
    var said = stty("size");
    if (said == null || !said.matches("[1-9][0-9]{0,4} [1-9][0-9]{0,4}")) {
      return USUAL;
    }
    int space = said.indexOf(' ');
    return new Size(
        Integer.parseInt(said.substring(0, space)), Integer.parseInt(said.substring(space + 1)));
  }

  /// Shows these lines and nothing else. They must fit.
  public void show(List<String> lines) {
    var page = new StringBuilder("\u001b[H");
    for (int i = 0; i < lines.size(); i++) {
      page.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append("\u001b[K");
    }
    out.print(page.append("\u001b[J"));
    out.flush();
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      return; // the hook finds nothing to do
    }
  }

  private synchronized void restore() {
    if (!closed) {
      closed = true;
      out.print(LEAVE);
      out.flush();
      var _ = stty(before);
    }
  }

  /// Runs `stty` on the terminal and returns what it prints, null if it fails.
  private static @Nullable String stty(String... arguments) {
    var command = new java.util.ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      var process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/tty")))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(2, TimeUnit.SECONDS) && process.exitValue() == 0 ? said.strip() : null;
    } catch (IOException noTerminal) {
      return null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
