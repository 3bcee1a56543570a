package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples in other languages, as they stand in the repository, against the real process.
class ExamplesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<Process> started = new ArrayList<>();
  private MillraceProcess server;
  private URI address;

  @TempDir private Path folder;

  @BeforeEach
  void start() {
    server = MillraceProcess.start(folder, "run", "--set", "server.port=0");
    address = server.awaitReady();
  }

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
    server.close();
  }

  @Test
  void whatPythonPublishesNodeReceives() throws Exception {
    var python = installed("python3");
    var node = installed("node");
    var out = folder.resolve("node.out");
    var err = folder.resolve("node.err");
    var subscriber =
        program(out, err, node, "examples/node/subscribe.mjs", address.toString(), "a,b", "3");
    await("it follows", subscriber, err, "following a,b");
    assertThat(publish(python, "a", "{\"n\": 1}", "{\"n\": 2}")).isEqualTo("accepted 2\n");
    assertThat(publish(python, "b", "\"three\"")).isEqualTo("accepted 1\n");
    assertThat(subscriber.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(subscriber.exitValue()).as(Files.readString(err)).isZero();
    assertThat(Files.readString(out).lines())
        .hasSize(3)
        .anyMatch(line -> line.contains("\"p\":{\"n\": 1}"))
        .anyMatch(line -> line.contains("\"p\":{\"data\":\"three\"}"));
  }

  @Test
  void aRefusalIsToldInWords() throws Exception {
    var python = installed("python3");
    var out = folder.resolve("python.out");
    var err = folder.resolve("python.err");
    var publisher =
        program(out, err, python, "examples/python/publish.py", address.toString(), "a*", "1");
    assertThat(publisher.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(publisher.exitValue()).isEqualTo(1);
    assertThat(Files.readString(err)).startsWith("BAD_TOPIC: ");
  }

  private String publish(Path python, String topic, String... payloads) throws Exception {
    var out = Files.createTempFile(folder, "python", ".out");
    var err = Files.createTempFile(folder, "python", ".err");
    var arguments =
        new ArrayList<>(List.of("examples/python/publish.py", address.toString(), topic));
    arguments.addAll(List.of(payloads));
    var publisher = program(out, err, python, arguments.toArray(String[]::new));
    assertThat(publisher.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(publisher.exitValue()).as(Files.readString(err)).isZero();
    return Files.readString(out);
  }

  private Process program(Path out, Path err, Path interpreter, String... arguments)
      throws IOException {
    var command = new ArrayList<>(List.of(interpreter.toString()));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command)
            .directory(MillraceProcess.home().toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    started.add(process);
    return process;
  }

  private static void await(String what, Process process, Path file, String text) {
    Await.until(
        PATIENCE,
        () -> !process.isAlive() || read(file).contains(text),
        () -> "waited in vain until " + what + ":\n" + read(file));
    assertThat(read(file)).contains(text);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  private static Path installed(String name) {
    var found =
        java.util.Arrays.stream(System.getenv("PATH").split(":", -1))
            .map(one -> Path.of(one, name))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(found.isPresent(), name + " is not installed");
    return found.orElseThrow();
  }
}
