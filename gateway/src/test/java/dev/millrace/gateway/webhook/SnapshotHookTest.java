package dev.millrace.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Authorizer;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.wse.SnapshotProvider;
import dev.millrace.gateway.wse.TestClient;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.gateway.wse.WseExtensions;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class SnapshotHookTest {
  private final AskedProgram program = new AskedProgram();
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();

  SnapshotHookTest() throws IOException {}

  @AfterEach
  void stop() {
    program.close();
  }

  private SnapshotHook hook(String... keys) {
    var all = new ArrayList<String>();
    all.add("webhooks.snapshot.url=" + program.url());
    for (var key : keys) {
      all.add("webhooks.snapshot." + key);
    }
    var spec = TestGateway.hubSpec(all.toArray(String[]::new)).webhooks().snapshot();
    if (spec == null) {
      throw new AssertionError("there is no such webhook");
    }
    return new SnapshotHook(spec, clock, metrics);
  }

  private double calls(String outcome) {
    return metrics.count(WebhookMetric.CALLS, "snapshot", outcome);
  }

  private static List<String> texts(SnapshotHook hook, String... topics) {
    var texts = new ArrayList<String>();
    hook.snapshots("ann", List.of(topics))
        .join()
        .forEachRemaining(
            one ->
                texts.add(
                    one.topic()
                        + " "
                        + one.type()
                        + " "
                        + new String(one.state(), StandardCharsets.UTF_8)));
    return texts;
  }

  @Test
  void statesOfTheTopicsThatWereAskedForComeAsTheyAreAndTypedAsSnapshots() {
    program.answers =
        question ->
            """
            {"snapshots":[{"topic":"a","type":"users_snapshot","payload":{"x":1}},
             {"topic":"b","payload":[1]},{"topic":"b","type":"prices","payload":null},
             {"topic":"unasked","payload":1},{"topic":"a"}]}
            """;
    try (var hook = hook()) {
      assertThat(texts(hook, "a", "b"))
          .containsExactly(
              "a users_snapshot {\"x\":1}", "b b_snapshot [1]", "b prices_snapshot null");
      assertThat(program.questions).containsExactly("{\"user\":\"ann\",\"topics\":[\"a\",\"b\"]}");
      program.status = 204;
      assertThat(texts(hook, "a")).isEmpty();
      assertThat(calls("answered")).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {",
        "200 | {}",
        "200 | {\"snapshots\":{}}",
        "200 | []",
        "404 | {\"snapshots\":[]}",
        "500 | {\"snapshots\":[]}",
        "302 | {\"snapshots\":[]}"
      })
  void anAnswerThatIsNoneIsAFailureOfTheProgram(int status, String body) {
    program.status = status;
    program.answers = question -> body;
    try (var hook = hook()) {
      assertThatThrownBy(() -> hook.snapshots("ann", List.of("a")).join())
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(SnapshotProvider.Unavailable.class);
      assertThat(calls("failed")).isEqualTo(1);
    }
  }

  @Test
  void anAnswerThatIsTooLargeIsNotRead() {
    program.answers =
        question ->
            "{\"snapshots\":[{\"topic\":\"a\",\"payload\":\"" + "x".repeat(5 << 20) + "\"}]}";
    try (var hook = hook()) {
      assertThatThrownBy(() -> hook.snapshots("ann", List.of("a")).join())
          .hasCauseInstanceOf(SnapshotProvider.Unavailable.class);
      assertThat(calls("failed")).isEqualTo(1);
    }
  }

  @Test
  void aClientGetsTheStatesAndIsToldWhenTheProgramIsDownAndAskedNoMoreForAWhile() throws Exception {
    program.answers = question -> "{\"snapshots\":[{\"topic\":\"a\",\"payload\":{\"n\": 1}}]}";
    try (var hook = hook("breaker_failures=2", "breaker_pause=1h");
        var gateway = new TestGateway(WseExtensions.NONE.withSnapshots(hook), 1)) {
      var client = gateway.connect("/wse?topics=a,b");
      client.next("subscription_update");
      client.send("{\"t\":\"sync_request\"}");
      assertThat(client.next("a_snapshot").path("p").path("data").path("n").asInt()).isOne();
      var end = client.next("snapshot_complete").path("p");
      assertThat(end.path("success").asBoolean()).isTrue();
      assertThat(end.path("topics").toString()).isEqualTo("[\"a\"]");
      assertThat(program.questions.getFirst()).contains("\"topics\":[\"a\",\"b\"]");

      program.status = 503;
      for (int i = 0; i < 4; i++) {
        end = ask(client);
        assertThat(end.path("success").asBoolean(true)).isFalse();
        assertThat(end.path("message").asString()).contains("ask again later");
      }
      assertThat(program.questions).hasSize(3);
      assertThat(calls("paused")).isEqualTo(2);
    }
  }

  @Test
  void aSlowProgramHoldsUpTheSnapshotsOfThatConnectionAndNothingElse() throws Exception {
    program.hesitate();
    program.answers = question -> "{\"snapshots\":[{\"topic\":\"a\",\"payload\":1}]}";
    try (var hook = hook("timeout=9s");
        var gateway = new TestGateway(WseExtensions.NONE.withSnapshots(hook), 1)) {
      var client = gateway.connect("/wse?topics=a");
      client.next("subscription_update");
      for (int i = 0; i < 3; i++) {
        client.send("{\"t\":\"sync_request\"}");
      }
      Await.until("it is asked", () -> program.questions.size() == 1);
      client.send("{\"t\":\"publish\",\"p\":{\"topic\":\"a\",\"type\":\"n\",\"payload\":7}}");
      assertThat(client.next("n").path("p").path("data").asInt()).isEqualTo(7);
      assertThat(program.questions).as("one at a time per connection").hasSize(1);
      program.goOn();
      for (int i = 0; i < 3; i++) {
        client.next("a_snapshot");
        client.next("snapshot_complete");
      }
      assertThat(program.questions).hasSize(3);
    }
  }

  @Test
  void aProgramThatTakesTooLongIsAFailure() throws Exception {
    program.hesitate();
    try (var hook = hook("timeout=50ms");
        var gateway = new TestGateway(WseExtensions.NONE.withSnapshots(hook), 1)) {
      var end = ask(gateway.connect("/wse"), "a");
      assertThat(end.path("success").asBoolean(true)).isFalse();
      assertThat(calls("failed")).isEqualTo(1);
    }
  }

  @Test
  void whoMayNotFollowATopicDoesNotSeeItsStateEither() throws Exception {
    program.answers =
        question ->
            "{\"snapshots\":[{\"topic\":\"a\",\"payload\":1},{\"topic\":\"secret\",\"payload\":2}]}";
    try (var hook = hook();
        var gateway =
            new TestGateway(
                WseExtensions.NONE.withSnapshots(hook), 1, "acl.deny=[subscribe secret]")) {
      var client = gateway.connect("/wse");
      var end = ask(client, "a", "secret");
      assertThat(end.path("topics").toString()).isEqualTo("[\"a\"]");
      assertThat(program.questions.getFirst()).doesNotContain("secret");
    }
  }

  @Test
  void whoAsksWhileItsTopicsAreStillDecidedAboutIsToldOfThoseItGets() throws Exception {
    program.answers = question -> "{\"snapshots\":[{\"topic\":\"a\",\"payload\":1}]}";
    var verdict = new CompletableFuture<Set<String>>();
    try (var hook = hook();
        var gateway =
            new TestGateway(WseExtensions.NONE.withSnapshots(hook), deciding(verdict), 1)) {
      var client = gateway.connect("/wse?topics=a,b");
      client.send("{\"t\":\"sync_request\"}").send("{\"t\":\"ping\"}").next("PONG");
      assertThat(program.questions).isEmpty();
      verdict.complete(Set.of("a"));
      client.next("a_snapshot");
      assertThat(client.next("snapshot_complete").path("p").path("count").asInt()).isOne();
      assertThat(program.questions.getFirst()).contains("\"topics\":[\"a\"]");
    }
  }

  private static Authorizer deciding(CompletableFuture<Set<String>> verdict) {
    return new Authorizer() {
      @Override
      public @Nullable Boolean remembered(Caller caller, Action action, String topic) {
        return null;
      }

      @Override
      public CompletableFuture<Set<String>> ask(Caller caller, Action action, List<String> topics) {
        return verdict;
      }
    };
  }

  private static JsonNode ask(TestClient client, String... topics) throws InterruptedException {
    var list = topics.length == 0 ? "[]" : "[\"" + String.join("\",\"", topics) + "\"]";
    return client.ask(
        "{\"t\":\"sync_request\",\"p\":{\"topics\":" + list + "}}", "snapshot_complete");
  }
}
