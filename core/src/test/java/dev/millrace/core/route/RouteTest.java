package dev.millrace.core.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouteTest {
  private static final Request REQUEST =
      new Request(
          "r1",
          "GET",
          "/topics/a",
          Map.of("topic", "a"),
          Map.of("limit", List.of("5", "6"), "empty", List.of()),
          Map.of("accept", "text/plain"),
          new byte[0],
          "127.0.0.1",
          Principal.local("127.0.0.1"));

  @Test
  void aRequestAnswersForWhatItHas() {
    assertThat(REQUEST.parameter("topic")).isEqualTo("a");
    assertThat(REQUEST.queryValue("limit")).contains("5");
    assertThat(REQUEST.queryValue("empty")).isEmpty();
    assertThat(REQUEST.queryValue("none")).isEmpty();
    assertThat(REQUEST.header("accept")).contains("text/plain");
    assertThat(REQUEST.header("none")).isEmpty();
    assertThatThrownBy(() -> REQUEST.parameter("id")).hasMessageContaining("{id}");
  }

  @Test
  void everyFailureHasOneShape() {
    var failure = Response.failure(409, "CONFLICT", "it runs already");
    assertThat(failure.status()).isEqualTo(409);
    assertThat(Json.tree(failure.body()).toString())
        .isEqualTo(
            "{\"error\":{\"code\":\"CONFLICT\",\"message\":\"it runs already\",\"details\":{}}}");
  }

  @Test
  void responsesCarryTheirTypeAndHeaders() {
    assertThat(Response.json(200, "{}").contentType()).isEqualTo("application/json");
    var text = Response.text(200, "\u00e9").withHeader("X-A", "1").withHeader("X-A", "2");
    assertThat(new String(text.body(), StandardCharsets.UTF_8)).isEqualTo("\u00e9");
    assertThat(text.headers()).containsExactly(Map.entry("X-A", "2"));
    assertThat(Response.empty(204).body()).isEmpty();
  }

  @Test
  void aRouteIsDocumentedStepByStep() throws Exception {
    var docs =
        Route.Docs.of("Publishes.")
            .parameter("topic", "path", "The topic.")
            .takes("{}")
            .answers("{\"accepted\":1}")
            .fails(400, "BAD", "it is no JSON");
    var route =
        new Route(
            "POST", "/t/{topic}", Route.Access.PUBLISHER, docs, request -> Response.empty(202));
    assertThat(docs.parameters())
        .containsExactly(new Route.Parameter("topic", "path", "The topic."));
    assertThat(docs.failures()).containsExactly(new Route.Failure(400, "BAD", "it is no JSON"));
    assertThat(docs.requestExample()).isEqualTo("{}");
    assertThat(docs.responseExample()).isEqualTo("{\"accepted\":1}");
    assertThat(route.handler().handle(REQUEST).status()).isEqualTo(202);
    RouteContribution contribution = () -> List.of(route);
    assertThat(contribution.routes()).containsExactly(route);
  }
}
