package dev.millrace.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Role;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.wse.TestGateway;
import dev.millrace.hub.WebhooksSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WebhookTest {
  private static final Caller ANN = new Caller("ann", Role.VIEWER);

  private final HttpServer server;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private final List<String> signatures = new CopyOnWriteArrayList<>();
  private volatile UnaryOperator<String> answers = question -> "{\"allow\":true}";
  private volatile int status = 200;

  WebhookTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    var question = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    questions.add(question);
    signatures.add(String.valueOf(exchange.getRequestHeaders().getFirst(Signature.HEADER)));
    var body = answers.apply(question).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private AuthorizeHook authorize(String... keys) {
    return new AuthorizeHook(authorizeSpec(keys), clock, metrics);
  }

  private WebhooksSpec.Authorize authorizeSpec(String... keys) {
    var all = new ArrayList<String>();
    all.add("webhooks.authorize.url=" + url());
    for (var key : keys) {
      all.add("webhooks.authorize." + key);
    }
    var spec = TestGateway.hubSpec(all.toArray(String[]::new)).webhooks().authorize();
    if (spec == null) {
      throw new AssertionError("there is no such webhook");
    }
    return spec;
  }

  private double calls(String hook, String outcome) {
    return metrics.count(WebhookMetric.CALLS, hook, outcome);
  }

  @Test
  void whatIsAllowedIsRememberedAndTheRestIsRefused() {
    answers = question -> "{\"allow\":[\"a\",\"unasked\"]}";
    try (var hook = authorize()) {
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "a")).isNull();
      assertThat(hook.ask(ANN, Action.SUBSCRIBE, List.of("a", "b")).join()).containsExactly("a");
      assertThat(Json.tree(questions.getFirst().getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(
              Json.tree(
                  "{\"user\":\"ann\",\"role\":\"viewer\",\"action\":\"subscribe\",\"topics\":[\"a\",\"b\"]}"
                      .getBytes(StandardCharsets.UTF_8)));
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "a")).isTrue();
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "b")).isFalse();
      assertThat(hook.remembered(ANN, Action.PUBLISH, "a")).isNull();
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "unasked")).isNull();
      assertThat(hook.remembered(new Caller("bob", Role.VIEWER), Action.SUBSCRIBE, "a")).isNull();
      clock.advance(Duration.ofSeconds(11));
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "a")).isTrue();
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "b")).isNull();
      clock.advance(Duration.ofSeconds(60));
      assertThat(hook.remembered(ANN, Action.SUBSCRIBE, "a")).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {\"allow\":\"yes\"} | failed",
        "200 | not json          | failed",
        "200 | {}                | failed",
        "500 | {\"allow\":true}  | failed",
        "302 | {\"allow\":true}  | failed",
        "404 | {\"allow\":true}  | failed"
      })
  void withoutASoundAnswerNobodyGetsAnythingAndNothingIsRemembered(
      int code, String body, String outcome) {
    status = code;
    answers = question -> body;
    try (var hook = authorize()) {
      assertThat(hook.ask(ANN, Action.PUBLISH, List.of("a")).join()).isEmpty();
      assertThat(hook.remembered(ANN, Action.PUBLISH, "a")).isNull();
      assertThat(calls("authorize", outcome)).isEqualTo(1);
    }
  }

  @Test
  void forbiddenMeansNoneAndIsRemembered() {
    status = 403;
    try (var hook = authorize()) {
      assertThat(hook.ask(ANN, Action.PUBLISH, List.of("a")).join()).isEmpty();
      assertThat(hook.remembered(ANN, Action.PUBLISH, "a")).isFalse();
    }
  }

  @Test
  void anAnswerThatIsLateIsNone() {
    var late = new CountDownLatch(1);
    answers =
        question -> {
          try {
            var _ = late.await(30, TimeUnit.SECONDS);
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
          return "{\"allow\":true}";
        };
    try (var hook = authorize("timeout=50ms")) {
      assertThat(hook.ask(ANN, Action.PUBLISH, List.of("a")).join()).isEmpty();
      assertThat(calls("authorize", "failed")).isEqualTo(1);
    } finally {
      late.countDown();
    }
  }

  @Test
  void afterTooManyFailuresNobodyIsAskedUntilThePauseIsOver() {
    status = 500;
    try (var hook = authorize("breaker_failures=3", "breaker_pause=100ms")) {
      for (int i = 0; i < 6; i++) {
        assertThat(hook.ask(ANN, Action.PUBLISH, List.of("a")).join()).isEmpty();
      }
      assertThat(questions.size()).isLessThan(6);
      assertThat(calls("authorize", "paused")).isPositive();
      status = 200;
      dev.millrace.testkit.Await.until(
          "it is asked again", () -> !hook.ask(ANN, Action.PUBLISH, List.of("a")).join().isEmpty());
    }
  }

  @Test
  void aBurstWaitsItsTurnAndAllAreAnswered() {
    try (var hook = authorize("max_concurrent=2")) {
      var all = new ArrayList<java.util.concurrent.CompletableFuture<java.util.Set<String>>>();
      for (int i = 0; i < 100; i++) {
        all.add(hook.ask(ANN, Action.PUBLISH, List.of("t" + i)));
      }
      all.forEach(one -> assertThat(one.join()).hasSize(1));
      assertThat(questions).hasSize(100);
    }
  }

  @Test
  void aQuestionIsSignedAndTheSecretIsNowhere() {
    var spec = authorizeSpec("secret=0123456789abcdef");
    try (var hook = new AuthorizeHook(spec, clock, metrics)) {
      hook.ask(ANN, Action.SUBSCRIBE, List.of("a")).join();
    }
    long seconds = clock.epochMillis() / 1_000;
    var body = questions.getFirst().getBytes(StandardCharsets.UTF_8);
    assertThat(signatures.getFirst())
        .isEqualTo(new Signature("0123456789abcdef").of(body, seconds))
        .startsWith("t=" + seconds + ",v1=");
    assertThat(spec.toString()).doesNotContain("0123456789abcdef");
  }

  @Test
  void theSignatureIsTheOneThatAnybodyComputes() {
    // echo -n '1.abc' | openssl dgst -sha256 -hmac key
    assertThat(new Signature("key").of("abc".getBytes(StandardCharsets.US_ASCII), 1))
        .isEqualTo("t=1,v1=90ebc65a2174297bcabd31e7cdb290734ffd97b67d17c09a380b0d4828d3d90c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x/", "http://", "http://u:p@x/", "/relative", "http://a b/"})
  void anAddressThatCannotBeAskedIsAProblem(String url) {
    Assertions.assertThrows(
        IllegalArgumentException.class, () -> TestGateway.hubSpec("webhooks.authorize.url=" + url));
  }

  @Test
  void subscribingAndPublishingWaitForTheAnswerAndKeepTheirOrder() throws Exception {
    answers = question -> question.contains("denied") ? "{\"allow\":[\"a\"]}" : "{\"allow\":true}";
    try (var hook = authorize();
        var gateway = new TestGateway(hook, 1)) {
      var client = gateway.connect("/wse");
      client.next("server_ready");
      client.send(
          "{\"t\":\"subscription_update\",\"p\":{\"action\":\"subscribe\",\"topics\":[\"a\",\"denied\"]}}");
      var ack = client.next("subscription_update").path("p");
      assertThat(ack.path("success_topics").toString()).isEqualTo("[\"a\"]");
      assertThat(ack.path("failed_topics").path(0).path("topic").asString()).isEqualTo("denied");
      for (int i = 0; i < 20; i++) {
        client.send(publish("a", i));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(client.next("n").path("p").path("data").asInt()).isEqualTo(i);
      }
      client.send(publish("denied", 1)).send(publish("a", 99));
      assertThat(client.next("error").path("p").path("code").asString()).isEqualTo("FORBIDDEN");
      assertThat(client.next("n").path("p").path("data").asInt()).isEqualTo(99);
      gateway.connect("/ws/publish/a").send("7");
      assertThat(client.next("a").path("p").path("data").asInt()).isEqualTo(7);
      Assertions.assertThrows(
          java.util.concurrent.CompletionException.class,
          () -> gateway.connect("/ws/publish/denied"));
      assertThat(questions.size()).isLessThan(8);
    }
  }

  private static String publish(String topic, int n) {
    return "{\"t\":\"publish\",\"p\":{\"topic\":\"%s\",\"type\":\"n\",\"payload\":%d}}"
        .formatted(topic, n);
  }
}
