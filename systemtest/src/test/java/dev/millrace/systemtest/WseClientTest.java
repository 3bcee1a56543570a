package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.classify.NaiveBayesClassifier;
import dev.millrace.classify.NaiveBayesReader;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A subscriber of the labels, seen from its socket.
class WseClientTest {
  private static final long SEED = 11;
  private static final int EVENTS = 1_600;
  private static final double RATE = 400;
  private static final long START_TIME_US = 1_750_000_000_000_000L;
  private static final String PATH = "/wse?topics=labels&compression=false";

  private final Path model = MillraceProcess.home().resolve("recipes/labels/model.json");

  @TempDir private Path folder;

  private record Label(String did, String uri, String text, long timeUs, String label) {}

  @Test
  void eachSubscriberGetsEveryLabelFromItsFirstOnOnceAndInOrder()
      throws IOException, ProblemException {
    var expected = expected();
    assertThat(expected).as("the stream is worth testing").hasSizeGreaterThan(100);
    var last = expected.getLast();
    var config = Files.writeString(folder.resolve("millrace.yaml"), graph());
    try (var process =
        MillraceProcess.start(folder, "run", config.toString(), "--set", "server.port=0")) {
      var address = process.awaitReady();
      try (var early = WebSocketClient.connect(address, PATH)) {
        early.await("a label", received -> received.size() > 12);
        try (var late = WebSocketClient.connect(address, PATH)) {
          for (var client : List.of(early, late)) {
            client.await(
                "the last label",
                received ->
                    received.getLast().payload().path("uri").asString("").equals(last.uri()));
            // Whatever came twice would be under way before the answer to this.
            client.send("{\"t\":\"ping\",\"p\":{\"timestamp\":1}}");
            client.await("PONG", received -> !client.received("PONG").isEmpty());
            assertStream(client, expected);
          }
          assertThat(early.received("label").size()).isGreaterThan(late.received("label").size());
        }
      }
    }
  }

  private static void assertStream(WebSocketClient client, List<Label> expected) {
    var received = client.received();
    assertThat(received.getFirst().type()).isEqualTo("server_ready");
    assertThat(received.getFirst().category()).isEqualTo("WSE");
    var subscription = received.get(1);
    assertThat(subscription.type()).isEqualTo("subscription_update");
    assertThat(subscription.payload().path("success_topics").toString()).isEqualTo("[\"labels\"]");
    var events = client.received("label");
    assertThat(events).allSatisfy(event -> assertThat(event.category()).isEqualTo("U"));
    assertThat(events)
        .extracting(event -> event.json().path("id").asString())
        .doesNotHaveDuplicates();
    var labels = events.stream().map(event -> label(event.payload())).toList();
    int first = expected.indexOf(labels.getFirst());
    assertThat(first).as("%s is expected", labels.getFirst()).isNotNegative();
    assertThat(labels).isEqualTo(expected.subList(first, expected.size()));
  }

  private static Label label(JsonNode payload) {
    assertThat(payload.path("probability").asDouble()).isBetween(0.0, 1.0);
    assertThat(payload.path("margin").asDouble()).isNotNegative();
    return new Label(
        payload.path("did").asString(),
        payload.path("uri").asString(),
        payload.path("text").asString(),
        payload.path("time_us").asLong(),
        payload.path("label").asString());
  }

  private List<Label> expected() throws ProblemException {
    var classifier = new NaiveBayesClassifier(NaiveBayesReader.read(model));
    return Recordings.simulated(SEED, EVENTS, START_TIME_US, RATE).stream()
        .filter(Recordings::isLabelled)
        .map(line -> Json.tree(line.getBytes(StandardCharsets.UTF_8)))
        .map(
            event -> {
              var commit = event.path("commit");
              var did = event.path("did").asString();
              var text = commit.path("record").path("text").asString();
              return new Label(
                  did,
                  "at://"
                      + did
                      + "/"
                      + commit.path("collection").asString()
                      + "/"
                      + commit.path("rkey").asString(),
                  text,
                  event.path("time_us").asLong(),
                  classifier.classify(text).label());
            })
        .toList();
  }

  private String graph() {
    return """
    pipelines:
      - name: labels
        graph:
          nodes:
            - id: firehose
              type: SimulatedFirehose
              config: { seed: SEED, count: EVENTS, rate: RATE, start_time_us: START }
            - { id: posts, type: JetstreamPosts }
            - { id: classify, type: Classify, config: { model: "MODEL" } }
            - { id: labels, type: Publish, config: { topic: labels, type: label } }
          connections:
            - { from: firehose, to: posts }
            - { from: posts, to: classify }
            - { from: classify, to: labels }
    """
        .replace("SEED", String.valueOf(SEED))
        .replace("EVENTS", String.valueOf(EVENTS))
        .replace("RATE", String.valueOf(RATE))
        .replace("START", String.valueOf(START_TIME_US))
        .replace("MODEL", model.toString());
  }
}
