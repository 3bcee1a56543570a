package dev.millrace.systemtest;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// How the JVM of a tested process is started: so that it is there soon. Most tests ask what a
/// process does, not how fast it is, and they start a hundred.
final class ServerJvm {
  private static final int DEADLINE_SECONDS = 60;

  /// What the JVM says of the archive would stand in the middle of the product's output.
  private static final String QUIET = "-Xlog:cds=off";

  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx512m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dmillrace.home=" + MillraceProcess.home());

  private static final String CLASS_PATH = classPath();

  /// The options that give a JVM the classes of the product ready to be used, which halves the time
  /// of a start; empty where the class path has folders, of which there is no archive.
  private static final List<String> ARCHIVE = archive();

  private ServerJvm() {}

  /// The words before Millrace's own.
  static List<String> command() {
    return command(ARCHIVE);
  }

  private static List<String> command(List<String> archive) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPTIONS);
    command.addAll(archive);
    command.addAll(List.of("-cp", CLASS_PATH, "dev.millrace.app.Main"));
    return command;
  }

  /// What the tests run with, less the tests themselves and what does not exist.
  private static String classPath() {
    var own = MillraceProcess.home().resolve("systemtest");
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> Files.exists(Path.of(entry)) && !Path.of(entry).startsWith(own))
        .reduce((one, next) -> one + File.pathSeparator + next)
        .orElseThrow();
  }

  private static List<String> archive() {
    if (!Stream.of(CLASS_PATH.split(File.pathSeparator, -1)).allMatch(e -> e.endsWith(".jar"))) {
      return List.of();
    }
    try {
      var folder = Files.createTempDirectory("class-archive");
      var file = folder.resolve("classes.jsa");
      var command = command(List.of("-XX:ArchiveClassesAtExit=" + file, QUIET));
      command.addAll(List.of("demo", "--for", "1s", "--port", "0"));
      // Whoever has a cluster needs a thousand classes more; nobody listens there.
      command.addAll(List.of("--set", "cluster.broker.mode=streams"));
      command.addAll(List.of("--set", "cluster.redis.url=redis://127.0.0.1:1"));
      var said = folder.resolve("said.txt");
      var process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError("no class archive was made:\n" + Files.readString(said));
      }
      return List.of("-XX:SharedArchiveFile=" + file, QUIET);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while a class archive was made", interrupted);
    }
  }
}
