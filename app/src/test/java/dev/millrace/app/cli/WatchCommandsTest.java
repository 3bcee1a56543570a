package dev.millrace.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.millrace.app.cli.watch.Sample;
import dev.millrace.app.cli.watch.Screen;
import dev.millrace.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `tap`, `top`, `publish` and what they make of what a server says.
@Timeout(60)
class WatchCommandsTest extends RemoteFixture {
  private static final String ONE = "{\"pipelines\":[{\"name\":\"my labels\"}]}";
  private static final String FRAME =
      "{\"place\":\"a->b\",\"time\":1750000000123456,"
          + "\"frame\":{\"sequence_id\":7,\"text\":\"hi\"}}\n";
  private static final String END = "{\"end\":\"limit\",\"frames\":1,\"dropped\":3}\n";

  private final List<String> queries = new CopyOnWriteArrayList<>();

  private static void stream(HttpExchange exchange, String body) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().add("Content-Type", "application/x-ndjson");
      exchange.sendResponseHeaders(200, 0); // chunked
      exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void serve(int status, String body) {
    server.createContext(
        "/",
        exchange -> {
          if (exchange.getRequestURI().getPath().endsWith("/tap")) {
            count(exchange);
            queries.add(exchange.getRequestURI().getRawQuery());
            if (status == 200) {
              stream(exchange, body);
            } else {
              send(exchange, status, body);
            }
          } else {
            send(exchange, 200, ONE);
          }
        });
  }

  @Test
  void aTapOfTheOnlyPipelineIsShownInLinesForPeople() throws IOException {
    serve(200, "{\"places\":[\"a->b\"]}\n" + FRAME + "{\"dropped\":3}\n" + END);
    int code =
        millrace(
            "tap",
            url(),
            "a->*",
            "--limit",
            "1",
            "--sample",
            "5/s",
            "--for",
            "2s",
            "--token-file",
            token("geheim"));
    assertThat(code).as(err()).isZero();
    assertThat(out().lines().toList())
        .hasSize(2)
        .satisfies(lines -> assertThat(lines.getFirst()).endsWith("  a->b  #7  \"hi\""))
        .satisfies(lines -> assertThat(lines.getLast()).isEqualTo("… 3 frames left out"));
    assertThat(err()).isEqualTo("1 frame, 3 left out: as many as were wanted\n");
    assertThat(queries).containsExactly("pattern=a-%3E*&limit=1&sample=5%2Fs&for=2000ms");
    assertThat(authorizations).contains("Bearer geheim");
  }

  @Test
  void asJsonEveryLineIsAsItCame() {
    var all = "{\"places\":[]}\n" + FRAME + "{\"dropped\":3}\n" + END;
    serve(200, all);
    assertThat(millrace("tap", url(), "--json")).as(err()).isZero();
    assertThat(out()).isEqualTo(all);
    assertThat(err()).isEmpty();
    assertThat(queries).containsExactly("pattern=*");
  }

  @Test
  void whoTapsNothingIsTold() {
    serve(200, "{\"places\":[]}\n{\"end\":\"pipeline\",\"frames\":0,\"dropped\":0}\n");
    assertThat(millrace("tap", url(), "nobody\u001b", "--pipeline", "p")).isZero();
    assertThat(err()).contains("Nothing is called nobody? now", "0 frames: the pipeline has ended");
  }

  @Test
  void aTapThatBreaksOffIsUnreachableAndOneThatTheServerEndsHasFailed() {
    serve(200, FRAME);
    assertThat(millrace("tap", url())).isEqualTo(69);
    assertThat(err()).contains("is gone: it ended in the middle", "fix Has it been stopped?");
    server.removeContext("/");
    serve(200, "{\"end\":\"closed\",\"frames\":0,\"dropped\":0}\n");
    assertThat(millrace("tap", url())).isEqualTo(1);
    assertThat(err()).contains("has the token expired?");
    server.removeContext("/");
    serve(200, "<html>\n");
    assertThat(millrace("tap", url())).isEqualTo(1);
    assertThat(err()).contains("sends what is no line of a tap");
  }

  @Test
  void whatATapCannotBeAskedIsUsage() {
    serve(422, "{\"error\":{\"code\":\"VALIDATION_FAILED\",\"message\":\"sample is 10\"}}");
    assertThat(millrace("tap", url(), "--sample", "x")).isEqualTo(2);
    assertThat(err()).contains("error: sample is 10", "millrace help tap");
    assertThat(millrace("tap")).isEqualTo(2);
    assertThat(millrace("tap", url(), "--limit", "many")).isEqualTo(2);
    assertThat(millrace("tap", url(), "--for", "soon")).isEqualTo(2);
    server.removeContext("/");
    serve(404, "{\"error\":{\"message\":\"there is no pipeline of that name\"}}");
    assertThat(millrace("tap", url())).isEqualTo(1);
    assertThat(err()).contains("answers 404: there is no pipeline of that name");
  }

  @Test
  void oneOfSeveralPipelinesIsNamedAndNobodyThereIsUnreachable() throws IOException {
    answer("/", 200, "{\"pipelines\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
    assertThat(millrace("tap", url())).isEqualTo(2);
    assertThat(err()).contains("add --pipeline with one of a, b.");
    server.removeContext("/");
    answer("/", 200, "{\"pipelines\":[]}");
    assertThat(millrace("tap", url())).isEqualTo(1);
    assertThat(err()).contains("has no pipelines");
    String nobody;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = "http://127.0.0.1:" + free.getLocalPort();
    }
    for (var command : List.of("tap", "top")) {
      assertThat(millrace(command, nobody)).as(command).isEqualTo(69);
    }
    assertThat(millrace("publish", nobody, "t", "1")).isEqualTo(69);
    assertThat(millrace("subscribe", nobody, "t")).isEqualTo(69);
  }

  @Test
  void topShowsOneIntervalWhereNobodyLooks() {
    server.createContext(
        "/api/v1/pipelines",
        exchange ->
            send(
                exchange,
                200,
                exchange.getRequestURI().getPath().endsWith("/pipelines")
                    ? ONE
                    : "{\"name\":\"my labels\",\"state\":\"Running\",\"uptime_seconds\":1,"
                        + "\"nodes\":[{\"id\":\"a\",\"type\":\"A\",\"role\":\"source\","
                        + "\"frames_in\":0,\"frames_out\":"
                        + 100 * asked.getAndIncrement()
                        + "}],\"edges\":[]}"));
    answer("/stats", 403, "{\"error\":{\"message\":\"not for you\"}}");
    answer(
        "/api/v1/sessions",
        200,
        "{\"sessions\":[{\"id\":\"ws_1_2\",\"state\":\"backpressured\",\"depth\":900}]}");
    assertThat(millrace("top", url(), "--interval", "100ms")).as(err()).isZero();
    assertThat(out()).startsWith("PIPELINE").contains("my labels  Running", "NODE  TYPE");
    out.reset();
    server.removeContext("/stats");
    answer(
        "/stats", 200, "{\"data\":{\"topics\":4,\"sessions\":9,\"published\":5,\"left_out\":0}}");
    assertThat(millrace("top", url(), "--interval", "100ms")).as(err()).isZero();
    assertThat(out()).startsWith("TOPICS").contains("ws_1_2", "900", "my labels  Running");
    out.reset();
    assertThat(millrace("top", url(), "--json", "--interval", "100ms")).isZero();
    var json = Json.tree(out().getBytes(StandardCharsets.UTF_8));
    assertThat(json.at("/pipelines/0/in_per_second").asDouble()).isBetween(1.0, 100_000.0);
    assertThat(millrace("top", url(), "--interval", "1ms")).isEqualTo(2);
  }

  @Test
  void topOfAPipelineThatIsNotThereSaysSo() {
    answer("/", 404, "{\"error\":{\"message\":\"There is no pipeline of that name\"}}");
    assertThat(millrace("top", url(), "--pipeline", "x")).isEqualTo(1);
    assertThat(err()).contains("answers 404: There is no pipeline");
  }

  @Test
  void aLivePageFillsItsTerminalAndScrolls() {
    var pipeline = new StringBuilder("{\"name\":\"p\",\"state\":\"Running\",\"nodes\":[");
    for (int i = 0; i < 30; i++) {
      pipeline.append(i == 0 ? "" : ",").append("{\"id\":\"n" + i + "\",\"role\":\"sink\"}");
    }
    var tree = Json.tree(pipeline.append("]}").toString().getBytes(StandardCharsets.UTF_8));
    var sample = new Sample(5, List.of(tree), 0);
    var live = new TopLive("http://here", Duration.ofSeconds(1), () -> sample);
    var size = new Screen.Size(12, 60);
    assertThat(live.react(new TopLive.Event.Sampled(sample), size)).isTrue();
    var page = live.page(size, false);
    assertThat(page).hasSize(12);
    assertThat(page.getFirst()).startsWith(" millrace top  http://here").endsWith("q quits");
    assertThat(page.get(1)).contains("25 lines below");
    for (int i = 0; i < 100; i++) {
      live.react(new TopLive.Event.Key("j"), size);
    }
    assertThat(live.page(size, false).getLast()).startsWith("n29");
    live.react(new TopLive.Event.Key("\u001b[A"), size);
    assertThat(live.page(size, false).getLast()).startsWith("n28");
    live.react(new TopLive.Event.Key("g"), size);
    assertThat(live.page(size, false).get(2)).startsWith("PIPELINE");

    live.react(new TopLive.Event.Failed("error: it is gone"), size);
    assertThat(live.page(size, false).get(1)).isEqualTo("error: it is gone");
    live.react(new TopLive.Event.Sampled(sample), size);
    assertThat(live.page(size, false).get(1)).contains("lines below");
    assertThat(live.page(new Screen.Size(1, 5), false)).hasSize(1);
    assertThat(live.react(new TopLive.Event.Key("q"), size)).isFalse();
    assertThat(live.react(new TopLive.Event.Stop(), size)).isFalse();
  }

  @Test
  void aPayloadIsPublishedAsOneEvent() {
    var bodies = takePublished();
    assertThat(millrace("publish", url(), "hel lo", "{\"a\": 1}", "--type", "t\"")).isZero();
    assertThat(bodies)
        .containsExactly("/api/v1/topics/hel%20lo [{\"type\":\"t\\\"\",\"payload\":{\"a\": 1}}]");
    assertThat(out()).isEqualTo("1 event published\n");
    assertThat(millrace("publish", url(), "hello", "{\"a\"")).isEqualTo(2);
    assertThat(err()).contains("the payload is not one JSON value");
  }

  @Test
  void everyLineOfStandardInputIsOneAndABrokenOneIsNamed() {
    var bodies = takePublished();
    var in = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream("1\n\n\"b\"\n{\nnull\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(millrace("publish", url(), "t")).isEqualTo(1);
    } finally {
      System.setIn(in);
    }
    assertThat(bodies)
        .containsExactly(
            "/api/v1/topics/t [{\"type\":\"t\",\"payload\":1},{\"type\":\"t\",\"payload\":\"b\"}]");
    assertThat(err()).contains("line 4 is not one JSON value", "2 events before it are published");
  }

  private List<String> takePublished() {
    var bodies = new CopyOnWriteArrayList<String>();
    server.createContext(
        "/api/v1/topics/",
        exchange -> {
          var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          bodies.add(exchange.getRequestURI().getRawPath() + " " + body);
          int events = Json.tree(body.getBytes(StandardCharsets.UTF_8)).size();
          send(exchange, 202, "{\"accepted\":" + events + "}");
        });
    return bodies;
  }

  @Test
  void aTopicThatIsRefusedSaysWhy() {
    answer("/", 400, "{\"error\":{\"code\":\"BAD_TOPIC\",\"message\":\"no such name\"}}");
    assertThat(millrace("publish", url(), "t", "1")).isEqualTo(1);
    assertThat(err()).contains("answers 400: no such name");
    assertThat(millrace("subscribe", url(), "t")).isEqualTo(1);
  }
}
