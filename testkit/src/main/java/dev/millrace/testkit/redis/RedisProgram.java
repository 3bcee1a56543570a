package dev.millrace.testkit.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where redis-server is, and what it needs around it: the one on the `PATH`, else Debian's
/// packages unpacked into the user's cache, which installs nothing.
record RedisProgram(String command, Map<String, String> environment) {
  private static final List<String> PACKAGES =
      List.of("redis-server", "redis-tools", "libjemalloc2", "liblzf1");
  private static final String PROGRAM = "usr/bin/redis-server";
  private static final long PATIENCE_SECONDS = 60;

  private static @Nullable Search found; // guarded by the class

  sealed interface Search {}

  record Found(RedisProgram program) implements Search {}

  record Missing(String why) implements Search {}

  /// Looks once per process.
  static synchronized Search find() {
    var known = found;
    if (known == null) {
      known = search();
      found = known;
    }
    return known;
  }

  private static Search search() {
    for (var folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      var program = Path.of(folder, "redis-server");
      if (Files.isExecutable(program)) {
        return new Found(new RedisProgram(program.toString(), Map.of()));
      }
    }
    try {
      return unpacked();
    } catch (IOException failure) {
      return new Missing("redis-server is not on the PATH, and fetching it failed: " + failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return new Missing("interrupted while redis-server was fetched");
    }
  }

  private static Search unpacked() throws IOException, InterruptedException {
    var root = cache().resolve("redis-server");
    if (!Files.isExecutable(root.resolve(PROGRAM))) {
      var why = fetch(root);
      if (why != null) {
        return new Missing("redis-server is not on the PATH, and " + why);
      }
    }
    return within(root);
  }

  /// The program in unpacked packages.
  static Search within(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      var libraries =
          all.filter(file -> file.getFileName().toString().startsWith("libjemalloc.so"))
              .findFirst();
      var program = root.resolve(PROGRAM);
      if (libraries.isEmpty() || !Files.exists(program)) {
        return new Missing("the packages of redis-server do not hold what they should: " + root);
      }
      var folder = String.valueOf(libraries.get().getParent());
      return new Found(new RedisProgram(program.toString(), Map.of("LD_LIBRARY_PATH", folder)));
    }
  }

  /// Why it failed, or null. Unpacked beside and moved into place, so that half of it is never
  /// used.
  private static @Nullable String fetch(Path root) throws IOException, InterruptedException {
    Files.createDirectories(cache());
    var beside = Files.createTempDirectory(cache(), "redis-fetch");
    var download = Stream.concat(Stream.of("apt-get", "download"), PACKAGES.stream()).toList();
    if (run(beside, download) != 0) {
      return "apt-get download " + String.join(" ", PACKAGES) + " failed";
    }
    var target = Files.createDirectory(beside.resolve("root"));
    try (Stream<Path> files = Files.list(beside)) {
      for (var file : files.filter(path -> path.toString().endsWith(".deb")).toList()) {
        if (run(beside, List.of("dpkg", "-x", file.toString(), target.toString())) != 0) {
          return "dpkg -x " + file.getFileName() + " failed";
        }
      }
    }
    if (!Files.exists(root)) {
      Files.move(target, root);
    }
    return null;
  }

  private static int run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  private static Path cache() {
    var configured = System.getenv("XDG_CACHE_HOME");
    var root =
        configured == null || configured.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(configured);
    return root.resolve("millrace");
  }
}
