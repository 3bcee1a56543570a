package dev.millrace.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server in a process of its own, from its `ready http://127.0.0.1:PORT` line to its end. It
/// runs in an empty folder that goes away with it, and it is ended when this JVM is, too.
public final class ServerProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);
  private static final Pattern READY = Pattern.compile("ready (\\S+)");
  private static final int KEPT_LINES = 30;
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final String name;
  private final Path folder;
  private final Process process;
  private final Function<String, Optional<URI>> readiness;
  private final Thread endWithThisJvm;
  private final CompletableFuture<URI> ready = new CompletableFuture<>();

  // The last lines it printed, to explain a failed start. Guarded by itself.
  private final ArrayDeque<String> lastLines = new ArrayDeque<>();

  private ServerProcess(
      String name, Path folder, Process process, Function<String, Optional<URI>> readiness) {
    this.name = name;
    this.folder = folder;
    this.process = process;
    this.readiness = readiness;
    endWithThisJvm = Thread.ofPlatform().unstarted(process::destroyForcibly);
  }

  /// Starts `command` and waits until it says `ready` with its address.
  ///
  /// @throws IOException if it ends or says nothing within `patience`; the message has its last
  ///     lines
  public static ServerProcess start(String name, List<String> command, Duration patience)
      throws IOException, InterruptedException {
    return start(name, command, ServerProcess::saysReady, patience);
  }

  /// Starts `command` and waits for the line of which `readiness` makes its address.
  ///
  /// @throws IOException like [#start(String, List, Duration)]
  public static ServerProcess start(
      String name,
      List<String> command,
      Function<String, Optional<URI>> readiness,
      Duration patience)
      throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("millrace-bench-" + name);
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var server = new ServerProcess(name, folder, process, readiness);
    Runtime.getRuntime().addShutdownHook(server.endWithThisJvm);
    Thread.ofPlatform().daemon().name("bench-output-" + name).start(server::readOutput);
    try {
      server.ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return server;
    } catch (ExecutionException | TimeoutException failure) {
      server.close();
      throw new IOException(
          "the %s server %s; its last lines:%n%s"
              .formatted(
                  name,
                  failure instanceof TimeoutException
                      ? "was not ready within " + patience
                      : "ended before it was ready",
                  server.output()),
          failure);
    } catch (InterruptedException interrupted) {
      server.close();
      throw interrupted;
    }
  }

  /// Where it serves.
  public URI address() {
    return ready.join();
  }

  /// Processor time used so far, by all its threads; in steps of a clock tick, 10 ms.
  public Duration cpu() {
    return process
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IllegalStateException("the " + name + " server has ended"));
  }

  /// Its process id.
  public long pid() {
    return process.pid();
  }

  /// What it printed last.
  public String output() {
    synchronized (lastLines) {
      return String.join(System.lineSeparator(), lastLines);
    }
  }

  /// Ends it, in order if it can, and removes its folder.
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      process.destroy();
      if (!process.waitFor(GRACE)) {
        log.warn("The {} server did not end within {}; killing it", name, GRACE);
        process.destroyForcibly();
      }
      Runtime.getRuntime().removeShutdownHook(endWithThisJvm);
      deleteFolder();
    } catch (IOException failure) {
      log.warn("Cleaning up after the {} server failed", name, failure);
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IllegalStateException exiting) {
      log.debug("This JVM is ending; the shutdown hook ends the {} server", name, exiting);
    }
  }

  private static Optional<URI> saysReady(String line) {
    var said = READY.matcher(line);
    return said.lookingAt() ? Optional.of(URI.create(said.group(1))) : Optional.empty();
  }

  private void readOutput() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        readiness.apply(line).ifPresent(ready::complete);
        keep(line);
      }
      ready.completeExceptionally(new IOException("it ended"));
    } catch (IOException | IllegalArgumentException failure) {
      ready.completeExceptionally(failure);
    }
  }

  private void keep(String line) {
    synchronized (lastLines) {
      if (lastLines.size() == KEPT_LINES) {
        lastLines.remove();
      }
      lastLines.add(line);
    }
  }

  private void deleteFolder() throws IOException {
    try (var paths = Files.walk(folder)) {
      paths
          .sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException failure) {
                  throw new UncheckedIOException(failure);
                }
              });
    } catch (UncheckedIOException failure) {
      throw failure.getCause();
    }
  }
}
