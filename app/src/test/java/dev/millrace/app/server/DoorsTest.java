package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.config.ConfigReader;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DoorsTest {
  private static final String TOKEN = "admin-token-0123456789";
  private static final String SET =
      "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"" + "A".repeat(43) + "\"},%s]}";
  private static final String FOREIGN =
      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
  private static final String AUTH =
      """
      auth:
        tokens: [{ name: root, token: admin-token-0123456789, role: admin }]
        jwt: { jwks_file: set.json }
      """;

  private final Foundation foundation = Foundation.lay();
  private final ServiceHolder services = new ServiceHolder();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @AfterEach
  void close() {
    foundation.close();
  }

  private ConfigReader reader() {
    var assignments = List.of("server.port=0", "server.data_dir=" + folder.resolve("data"));
    return new ConfigReader(
        services.catalogue(),
        folder.resolve("millrace.yaml"),
        new ConfigReader.Input(Map.of(), assignments, Optional.empty(), false));
  }

  private Server server() {
    var problems = new Problems();
    var reader = reader();
    var loaded = reader.load(problems).orElseThrow(() -> new AssertionError(problems.toString()));
    return new Server(foundation, services, reader, loaded);
  }

  private JsonNode reload(URI address) throws Exception {
    var request =
        HttpRequest.newBuilder(address.resolve("/api/v1/admin/reload"))
            .header("Authorization", "Bearer " + TOKEN)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    return Json.tree(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aKeyThatIsPassedOverIsAWarningOfTheCheckAndOfTheReload() throws Exception {
    write("millrace.yaml", AUTH);
    write("set.json", SET.formatted(FOREIGN));
    var problems = new Problems();
    Doors.check(reader().load(problems).orElseThrow().config(), problems);
    assertThat(problems.all()).singleElement().extracting(Problem::code).isEqualTo("W_JWKS_KEY");
    try (var server = server()) {
      server.start();
      assertThat(reload(server.address()).path("warnings").toString())
          .contains("W_JWKS_KEY")
          .contains("of a kind that this server does not take");
    }
  }

  @Test
  void anAddressThatWouldBePublicWithoutAuthenticationIsARejectedChange() throws Exception {
    write("millrace.yaml", "server: { host: 127.0.0.1 }\n");
    write("set.json", SET.formatted(FOREIGN));
    try (var server = server()) {
      server.start();
      write("millrace.yaml", "server: { host: 0.0.0.0 }\n");
      assertThat(reload(server.address()).toString()).contains("E_PUBLIC_WITHOUT_AUTH");
      write("millrace.yaml", "server: { host: 0.0.0.0 }\n" + AUTH);
      assertThat(reload(server.address()).path("restart_required").toString())
          .contains("server.host");
    }
  }
}
