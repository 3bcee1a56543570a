package dev.millrace.systemtest;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One Millrace process with its output in files. Closing kills it, whatever state it is in.
final class MillraceProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Map<String, String> NONE = Map.of();

  private final Process process;
  private final Path out;
  private final Path err;

  private MillraceProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /// Starts `millrace ARGS…` in `folder`, which also receives what it prints.
  static MillraceProcess start(Path folder, String... args) {
    return start(folder, NONE, false, args);
  }

  /// The same with variables in the environment.
  static MillraceProcess start(Path folder, Map<String, String> environment, String... args) {
    return start(folder, environment, false, args);
  }

  /// The same, but its log goes into a pipe that nobody reads.
  static MillraceProcess startWithBlockedLog(Path folder, String... args) {
    return start(folder, NONE, true, args);
  }

  private static MillraceProcess start(
      Path folder, Map<String, String> environment, boolean blockedLog, String... args) {
    var command = new ArrayList<>(ServerJvm.command());
    command.addAll(List.of(args));
    try {
      var out = Files.createTempFile(folder, "out", ".txt");
      var err = Files.createTempFile(folder, "err", ".txt");
      var builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(
                  blockedLog
                      ? ProcessBuilder.Redirect.PIPE
                      : ProcessBuilder.Redirect.to(err.toFile()));
      builder.environment().keySet().removeIf(name -> name.startsWith("MILLRACE__"));
      builder.environment().putAll(environment);
      return new MillraceProcess(builder.start(), out, err);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// The folder that holds the recipes.
  static Path home() {
    return Path.of(System.getProperty("millrace.home", "..")).toAbsolutePath().normalize();
  }

  /// Waits until the process serves and returns its address.
  URI awaitReady() {
    Await.until(
        PATIENCE,
        () -> out().contains("ready http") || !process.isAlive(),
        () -> "the process is not ready; it printed:\n" + out() + err());
    if (!process.isAlive()) {
      throw new AssertionError(
          "the process ended with " + process.exitValue() + ":\n" + out() + err());
    }
    var text = out();
    int from = text.indexOf("ready http") + "ready ".length();
    return URI.create(text.substring(from, text.indexOf('\n', from)).strip());
  }

  /// Waits until the process that was told to print only JSON serves, and returns its address. Its
  /// log says where it listens.
  URI awaitServing(String token) {
    var marker = "Serving on ";
    Await.until(
        PATIENCE,
        () -> err().contains(marker) || !process.isAlive(),
        () -> "the process does not serve; it printed:\n" + out() + err());
    var text = err();
    int from = text.indexOf(marker) + marker.length();
    int to = from;
    while (to < text.length() && " ;,\"\n".indexOf(text.charAt(to)) < 0) {
      to++;
    }
    var address = URI.create(text.substring(from, to));
    Await.until(
        PATIENCE,
        () -> Http.getAs(token, address, "/ready").status() == 200,
        () -> "the process is not ready:\n" + err());
    return address;
  }

  /// Waits for the process to end by itself and returns its exit code.
  int awaitExit(Duration patience) {
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            "the process still runs after " + patience + "; it printed:\n" + out() + err());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the process", interrupted);
    }
    return process.exitValue();
  }

  /// TERM, as a supervisor sends it.
  void terminate() {
    process.destroy();
  }

  /// HUP: read the configuration again.
  void hangUp() {
    try {
      new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while sending a signal", interrupted);
    }
  }

  /// KILL: no chance to clean up.
  void kill() {
    process.destroyForcibly();
    awaitExit(PATIENCE);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  String out() {
    return read(out);
  }

  String err() {
    return read(err);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
