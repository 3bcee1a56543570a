package dev.millrace.systemtest;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// The Autobahn test suite, which sends echo servers what RFC 6455 allows and what it does not.
/// It runs in a JVM of its own, with what the build has put into `target/autobahn`.
final class Autobahn {
  private static final Set<String> SOUND = Set.of("OK", "NON-STRICT", "INFORMATIONAL");
  private static final String SUITE = "autobahntestsuite-maven-plugin";

  private Autobahn() {}

  /// What came of one case at one server, and of the closing handshake behind it.
  record Verdict(String server, String number, String behavior, String closing) {
    boolean isSound() {
      return SOUND.contains(behavior) && SOUND.contains(closing);
    }
  }

  /// Runs `cases`, such as `7.*`, less those `without`, against each of the echoes, which are there
  /// by name. The report and what the suite says go into `folder`.
  static List<Verdict> run(
      Map<String, URI> servers,
      List<String> cases,
      List<String> without,
      Path folder,
      Duration patience) {
    var home = MillraceProcess.home().resolve("systemtest");
    var jars = home.resolve("target/autobahn");
    Assumptions.assumeTrue(Files.isDirectory(jars), () -> "the suite is not in " + jars);
    var said = folder.resolve("autobahn.txt");
    var report = folder.resolve("autobahn");
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dpython.cachedir.skip=true",
            "-cp",
            jar(jars, SUITE) + java.io.File.pathSeparator + jar(jars, "jython-standalone"),
            "org.python.util.jython",
            home.resolve("src/test/resources/autobahn/fuzz.py").toString(),
            servers.entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(",")),
            String.join(",", cases),
            String.join(",", without),
            report.toString());
    try {
      var process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      try {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new AssertionError("the suite is not done:\n" + Files.readString(said));
        }
      } finally {
        process.destroyForcibly();
      }
      var index = report.resolve("index.json");
      if (!Files.exists(index)) {
        throw new AssertionError("the suite made no report:\n" + Files.readString(said));
      }
      return verdicts(index);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the suite", interrupted);
    }
  }

  private static List<Verdict> verdicts(Path index) throws IOException {
    var verdicts = new ArrayList<Verdict>();
    for (var server : Json.tree(Files.readAllBytes(index)).properties()) {
      for (var one : server.getValue().properties()) {
        verdicts.add(
            new Verdict(
                server.getKey(),
                one.getKey(),
                one.getValue().path("behavior").asString(),
                one.getValue().path("behaviorClose").asString()));
      }
    }
    return verdicts;
  }

  private static Path jar(Path folder, String name) {
    try (Stream<Path> jars = Files.list(folder)) {
      return jars.filter(one -> one.getFileName().toString().startsWith(name))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + name + " in " + folder));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
