package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is sent to whichever route, the server does not fail: Schemathesis makes requests of
/// the OpenAPI document, sound and unsound ones. Skipped where it is not installed.
@Order(1) // among the longest
class ApiFuzzTest {
  private static final int DEADLINE_SECONDS = 600; // fifteen times what it takes
  private static final String ADMIN = "admin-token-of-the-test-0123456789";

  /// Too busy or stopping, too slow, no space: answers of a server that knows what it does.
  private static final Set<Integer> EXPECTED = Set.of(503, 504, 507);

  @TempDir private Path folder;

  @Test
  void noRequestMakesTheServerFail() throws IOException, InterruptedException {
    fuzz(4);
  }

  @Test
  @Tag("slow")
  void noneOfManyRequestsMakesTheServerFail() throws IOException, InterruptedException {
    fuzz(60);
  }

  /// So many made-up requests for each operation, beside those at the edges of what it takes.
  private void fuzz(int examples) throws IOException, InterruptedException {
    var schemathesis = installed();
    Assumptions.assumeTrue(schemathesis.isPresent(), "Schemathesis is not installed");
    long seed = Long.getLong("millrace.seed", System.nanoTime() & 0xffff_ffffL);
    var config =
        Graphs.write(
            folder.resolve("millrace.yaml"),
            """
            server: { port: 0 }
            telemetry_frequency_seconds: 0.5
            auth:
              failures_per_address: { refill_rate: 0 }
              tokens: [ { name: admin, token: ADMIN, role: admin } ]
            pipelines:
              - name: labels
                graph:
                  nodes:
                    - { id: firehose, type: SimulatedFirehose, config: { rate: 10 } }
                    - { id: out, type: Publish, config: { topic: side, type: event } }
                  connections:
                    - { from: firehose, to: out }
            """
                .replace("ADMIN", ADMIN));
    try (var process = MillraceProcess.start(folder, "run", config.toString())) {
      var address = process.awaitReady();
      var said = fuzz(schemathesis.get(), process, address, examples, seed);
      var requests = requests(said);
      assertThat(requests).as("seed %s: %s", seed, said).hasSizeGreaterThan(200);
      assertThat(requests)
          .filteredOn(one -> one.status() >= 500 && !EXPECTED.contains(one.status()))
          .as("seed %s", seed)
          .isEmpty();
      assertThat(requests)
          .as("commands are carried out too, seed %s", seed)
          .anyMatch(one -> one.status() == 200 && one.what().startsWith("POST"));
      assertThat(process.isAlive()).isTrue();
      assertThat(Http.get(address, "/healthz").status()).isEqualTo(200);
      assertThat(process.err()).doesNotContain("\"level\":\"error\"");
    }
  }

  private record Exchange(String what, int status, String answer) {}

  /// What the run says; its requests are in the folder `report`.
  private String fuzz(
      Path schemathesis, MillraceProcess server, URI address, int examples, long seed)
      throws IOException, InterruptedException {
    var output = folder.resolve("schemathesis.txt");
    var process =
        new ProcessBuilder(
                schemathesis.toString(),
                "run",
                address.resolve("/openapi.json").toString(),
                "--url",
                address.toString(),
                "--header",
                "Authorization: Bearer " + ADMIN,
                "--checks",
                "not_a_server_error",
                "--phases",
                "examples,coverage,fuzzing",
                "--max-examples",
                String.valueOf(examples),
                "--exclude-path", // an answer without an end
                "/sse",
                "--continue-on-failure",
                "--suppress-health-check",
                "all",
                "--seed",
                String.valueOf(seed),
                "--report",
                "har",
                "--report-har-path",
                folder.resolve("report.har").toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS))
          .as("seed %s: %s\n%s", seed, Files.readString(output), server.err())
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }

  private List<Exchange> requests(String said) throws IOException {
    var report = folder.resolve("report.har");
    assertThat(report).as(said).exists();
    var found = new ArrayList<Exchange>();
    for (var entry : Json.tree(Files.readAllBytes(report)).path("log").path("entries")) {
      var request = entry.path("request");
      found.add(
          new Exchange(
              request.path("method").asString()
                  + " "
                  + request.path("url").asString()
                  + " "
                  + request.path("postData").path("text").asString(""),
              entry.path("response").path("status").asInt(),
              entry.path("response").path("content").path("text").asString("")));
    }
    return found;
  }

  /// The command named by MILLRACE_SCHEMATHESIS, else one of the PATH.
  private static Optional<Path> installed() {
    var named = System.getenv("MILLRACE_SCHEMATHESIS");
    var folders =
        Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator, -1);
    return Stream.concat(
            Stream.ofNullable(named).map(Path::of),
            Stream.of(folders)
                .flatMap(one -> Stream.of(Path.of(one, "schemathesis"), Path.of(one, "st"))))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
