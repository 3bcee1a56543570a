package dev.millrace.bench.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Starts a Redis server that keeps nothing on disk: the one on the `PATH`, else Debian's packages
/// unpacked into the user's cache, which installs nothing.
public final class RedisProcess {
  private static final String PROGRAM = "redis-server";
  private static final List<String> PACKAGES =
      List.of("redis-server", "redis-tools", "libjemalloc2", "liblzf1");
  private static final int FETCH_SECONDS = 60;

  private RedisProcess() {}

  /// Whether there is one to start.
  public sealed interface Search {}

  /// `command` starts it.
  public record Found(List<String> command) implements Search {
    public Found {
      command = List.copyOf(command);
    }
  }

  /// There is none; `why` is the beginning of a sentence.
  public record Missing(String why) implements Search {}

  /// Looks for the program; the first time this may fetch Debian's packages.
  public static Search find() throws InterruptedException {
    for (var folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      var program = Path.of(folder, PROGRAM);
      if (Files.isExecutable(program)) {
        return new Found(List.of(program.toString()));
      }
    }
    var root = Path.of(System.getProperty("user.home"), ".cache", "millrace", PROGRAM);
    try {
      if (!Files.isDirectory(root)) {
        fetch(root);
      }
      return unpacked(root);
    } catch (IOException failure) {
      return new Missing(
          "redis-server is not on the PATH, and Debian's packages of it could not be unpacked: "
              + failure.getMessage());
    }
  }

  /// Starts it on a free port of the loopback address.
  public static ServerProcess start(Found program, Duration patience)
      throws IOException, InterruptedException {
    int port = freePort();
    var command = new ArrayList<>(program.command());
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    var address = URI.create("redis://127.0.0.1:" + port);
    return ServerProcess.start(
        "redis",
        command,
        line ->
            line.contains("eady to accept connections") ? Optional.of(address) : Optional.empty(),
        patience);
  }

  private static Found unpacked(Path root) throws IOException {
    var program = root.resolve("usr/bin").resolve(PROGRAM);
    try (Stream<Path> files = Files.walk(root)) {
      var libraries =
          files
              .filter(file -> file.toString().contains("libjemalloc.so"))
              .map(file -> file.resolveSibling("").toString())
              .findFirst()
              .orElseThrow(() -> new IOException("no libjemalloc in " + root));
      if (!Files.isExecutable(program)) {
        throw new IOException("no " + program);
      }
      return new Found(List.of("env", "LD_LIBRARY_PATH=" + libraries, program.toString()));
    }
  }

  /// Unpacked beside and moved into place, so that half of it is never used.
  private static void fetch(Path root) throws IOException, InterruptedException {
    var cache = Files.createDirectories(root.resolveSibling(""));
    var beside = Files.createTempDirectory(cache, "fetch-redis");
    run(beside, Stream.concat(Stream.of("apt-get", "download"), PACKAGES.stream()).toList());
    var target = Files.createDirectory(beside.resolve("root"));
    try (Stream<Path> files = Files.list(beside)) {
      for (var file : files.filter(path -> path.toString().endsWith(".deb")).toList()) {
        run(beside, List.of("dpkg", "-x", file.toString(), target.toString()));
      }
    }
    Files.move(target, root);
  }

  private static void run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(FETCH_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(command.getFirst() + " took longer than " + FETCH_SECONDS + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
    }
  }

  private static int freePort() throws IOException {
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
