package dev.millrace.app.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.hub.PublishOutcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class MillraceTest {
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  private Millrace.Builder builder() {
    return Millrace.builder()
        .set("server.port", "0")
        .set("server.data_dir", folder.resolve("data").toString());
  }

  private String get(URI address, String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(address.resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void whatTheProgramPublishesReachesSubscribersBesideItsOwnRoutes() throws Exception {
    var logging = LoggerFactory.getILoggerFactory();
    try (var millrace =
        builder()
            .route(
                "GET",
                "/shop/{item}",
                Route.Access.PUBLIC,
                request -> Response.text(200, "buy " + request.parameter("item")))
            .route("GET", "/", Route.Access.PUBLIC, request -> Response.text(200, "my page"))
            .start()) {
      var address = millrace.address();
      assertThat(get(address, "/shop/tea")).isEqualTo("buy tea");
      assertThat(get(address, "/")).isEqualTo("my page");
      assertThat(get(address, "/healthz")).isEqualTo("ok\n");
      assertThat(get(address, "/openapi.json")).contains("/shop/{item}", "/sse");
      var events =
          http.send(
              HttpRequest.newBuilder(address.resolve("/sse?topics=orders")).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
        until(lines, "data: {\"action\":\"subscribe\"");
        assertThat(millrace.hub().publish("orders", "{\"id\":7}"))
            .isEqualTo(new PublishOutcome.Accepted(1));
        assertThat(until(lines, "data: ")).contains("\"t\":\"orders\"", "\"p\":{\"id\":7}");
        assertThat(millrace.hub().publish("orders", "{\"id\":"))
            .isInstanceOfSatisfying(
                PublishOutcome.Refused.class,
                refused -> assertThat(refused.problem().code()).isEqualTo("E_PAYLOAD"));
        assertThat(millrace.hub().whenRoom("orders", () -> {})).isTrue();
        stop(millrace);
        assertThat(until(lines, ": the server stops")).isNotEmpty();
      }
    }
    assertThat(LoggerFactory.getILoggerFactory()).isSameAs(logging);
  }

  @Test
  void whatIsWrongIsSaidAndNothingIsLeftRunning() throws Exception {
    assertThatThrownBy(() -> builder().set("hub.max_topics", "many").start())
        .isInstanceOf(Millrace.NotStarted.class)
        .hasMessageContaining("max_topics");
    assertThatThrownBy(
            () ->
                builder()
                    .route("GET", "/health", Route.Access.PUBLIC, request -> Response.empty(204))
                    .start())
        .isInstanceOf(Millrace.NotStarted.class)
        .hasMessageContaining("two routes for GET /health");
    assertThatThrownBy(() -> builder().configuration(folder.resolve("none.yaml")).start())
        .isInstanceOf(Millrace.NotStarted.class)
        .hasMessageContaining("none.yaml");
    builder().start().close(); // its data directory is free
  }

  private static void stop(Millrace millrace) {
    millrace.close();
  }

  private static String until(BufferedReader lines, String beginning) throws IOException {
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(beginning)) {
        return line;
      }
    }
    throw new AssertionError("the answer ended before " + beginning);
  }
}
