package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.core.spec.Spec;
import dev.millrace.net.NetMetric;
import dev.millrace.net.NetSpec;
import dev.millrace.net.TestServer;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class HttpServerTest {
  private final TestServer server = new TestServer();

  HttpServerTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  /// Answers with what it got.
  private void mirror() {
    server.answers =
        exchange ->
            exchange.respond(
                Response.text(
                    200,
                    exchange.head().method()
                        + " "
                        + exchange.head().path()
                        + " "
                        + exchange.head().query()
                        + " "
                        + new String(exchange.body(), StandardCharsets.UTF_8)));
  }

  @Test
  void decodesTargetsAndTakesTheAbsoluteForm() throws IOException {
    mirror();
    try (var peer = server.connect()) {
      peer.send("GET /a%20b/%C3%A4?x=1+2&x=%26&flag&=v HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("GET /a b/ä {x=[1 2, &], flag=[], =[v]} ");
      peer.send("GET http://x/abs?q=1 HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("GET /abs {q=[1]} ");
      peer.send("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).endsWith("GET / {} ");
      peer.send(
          "POST /c HTTP/1.1\r\n"
              + "Host: x\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n"
              + "3\r\n"
              + "abc\r\n"
              + "2\r\n"
              + "de\r\n"
              + "0\r\n\r\n");
      assertThat(peer.answer()).endsWith("POST /c {} abcde");
    }
  }

  @Test
  void leavesOutTheBodyForHeadAndKeepsItsLength() throws IOException {
    try (var peer = server.connect()) {
      peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.head()).contains("Content-Length: 2\r\n").contains("Date: ");
      assertThat(peer.answer()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
    }
  }

  @Test
  void closesAfterHttp10UnlessAskedToStay() throws IOException {
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(peer.answer()).contains("Connection: keep-alive");
      peer.send("GET / HTTP/1.0\r\n\r\n");
      assertThat(peer.answer()).contains("Connection: close");
      assertThat(peer.atEnd()).isTrue();
    }
  }

  @Test
  void saysContinueOnlyToABodyItWillTake() throws IOException {
    mirror();
    try (var peer = server.connect()) {
      peer.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertThat(peer.head()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
      assertThat(peer.send("hi").answer()).endsWith("POST / {} hi");
      peer.send(
          "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 413 ");
      assertThat(peer.atEnd()).isTrue();
    }
    try (var peer = server.connect()) {
      peer.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nContent-Length: 2\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 417 ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'hello\r\n\r\n', 400",
    "'\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n', 400",
    "'GET / HTTP/1.1\r\n\r\n', 400",
    "'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400",
    "'GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n', 400",
    "'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400",
    "'GET x HTTP/1.1\r\nHost: a\r\n\r\n', 400",
    "'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', 400",
    "'GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n', 400",
    "'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505",
    "'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400",
    "'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400",
    "'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400",
  })
  void answersGarbageWithASentenceAndEndsTheConnection(String request, int status)
      throws IOException {
    try (var peer = server.connect()) {
      peer.send(request);
      assertThat(peer.answer())
          .startsWith("HTTP/1.1 " + status + " ")
          .contains("\"error\":{\"code\":")
          .contains("Connection: close");
      assertThat(peer.atEnd()).isTrue();
    }
  }

  @Test
  void limitsLineHeadersAndBody() throws IOException {
    try (var peer = server.connect()) {
      peer.send("GET /" + "a".repeat(70_000));
      assertThat(peer.answer()).startsWith("HTTP/1.1 414 ");
    }
    try (var peer = server.connect()) {
      peer.send("GET /" + "a".repeat(60_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 200 ");
      peer.send("GET / HTTP/1.1\r\nHost: x\r\nX-A: " + "a".repeat(70_000));
      assertThat(peer.answer()).startsWith("HTTP/1.1 431 ");
    }
    try (var peer = server.connect()) {
      peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      var chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
      for (int megabytes = 0; megabytes <= 16; megabytes++) {
        peer.send(chunk);
      }
      assertThat(peer.answer()).startsWith("HTTP/1.1 413 ");
    }
    Await.until(
        "nothing is held",
        () -> server.loops.loops().getFirst().incompleteInput().usedBytes() == 0);
  }

  @Test
  void cutsSlowHeadersSlowBodiesAndIdleConnections() throws IOException {
    try (var slowHead = server.connect();
        var slowBody = server.connect();
        var idle = server.connect();
        var silent = server.connect()) {
      idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      idle.answer();
      slowHead.send("GET / HTTP/1.1\r\nHos");
      slowBody.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
      Await.until("all four are known", () -> server.loops.openConnections() == 4);
      server.passTimeUntil("all are gone", () -> server.loops.openConnections() == 0);
      assertThat(slowHead.answer()).startsWith("HTTP/1.1 408 ");
      assertThat(slowBody.answer()).startsWith("HTTP/1.1 408 ");
      assertThat(idle.atEnd()).isTrue();
      assertThat(silent.atEnd()).isTrue();
    }
    assertThat(server.count(NetMetric.HTTP_REJECTED, "too_slow")).isEqualTo(2);
  }

  @Test
  void cutsAClientThatTakesNothingOfItsAnswer() throws IOException {
    server.answers = exchange -> exchange.respond(Response.text(200, "x".repeat(32 << 20)));
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      Await.until("it is known", () -> server.loops.openConnections() == 1);
      server.passTimeUntil("it is gone", () -> server.loops.openConnections() == 0);
    }
  }

  @Test
  void refusesAnAnswerThatWouldSplit() throws IOException {
    server.answers =
        exchange -> exchange.respond(Response.text(200, "x").withHeader("X-A", "b\r\nX-Evil: 1"));
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 500 ").doesNotContain("Evil");
    }
  }

  @Test
  void aServiceThatThrowsAnswers500AndASecondAnswerIsAnError() throws IOException {
    server.answers =
        exchange -> {
          throw new IllegalStateException("on purpose");
        };
    try (var peer = server.connect()) {
      peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 500 ").doesNotContain("on purpose");
      server.answers =
          exchange -> {
            exchange.respond(Response.empty(204));
            assertThatThrownBy(() -> exchange.respond(Response.empty(204)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("GET /");
          };
      peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 204 ").doesNotContain("Content-Length");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /echo HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: upgrade\r\n"
            + "Sec-WebSocket-Version: 8\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            + "|426",
        "GET /echo HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: short\r\n\r\n"
            + "|400",
        "POST /echo HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\n\r\n"
            + "|400",
        "GET /refused HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            + "|403",
        "GET /plain HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n|200",
      })
  void answersHandshakesThatAreNotOnesOverHttp(String requestAndStatus) throws IOException {
    int bar = requestAndStatus.indexOf('|');
    try (var peer = server.connect()) {
      peer.send(requestAndStatus.substring(0, bar));
      assertThat(peer.answer()).startsWith("HTTP/1.1 " + requestAndStatus.substring(bar + 1) + " ");
      peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(peer.answer()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void speaksWithTheClientOfTheJdk() throws Exception {
    mirror();
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      var uri = URI.create("http://127.0.0.1:" + server.port() + "/jdk?a=b");
      var request = HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString("body"));
      var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).isEqualTo("POST /jdk {a=[b]} body");
    }
  }

  @Test
  void refusesConnectionsBeyondTheLimit() throws Exception {
    try (var small = new TestServer(TestServer.spec("max_connections: 2\n"));
        var first = small.connect();
        var second = small.connect()) {
      Await.until("both are in", () -> small.loops.openConnections() == 2);
      try (var third = small.connect()) {
        assertThat(third.atEnd()).isTrue();
      }
      assertThat(small.count(NetMetric.CONNECTIONS_REFUSED, "over_limit")).isEqualTo(1);
      first.socket.close();
      Await.until("one has left", () -> small.loops.openConnections() == 1);
      try (var fourth = small.connect()) {
        fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(fourth.answer()).startsWith("HTTP/1.1 200 ");
      }
      second.socket.close();
    }
  }

  @Test
  void saysHowToFixAnAddressThatCannotBeHad() {
    assertThatThrownBy(() -> HttpListener.bind(server.loops, "127.0.0.1", server.port(), server))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("another program listens on 127.0.0.1:" + server.port())
        .hasMessageContaining("--set server.port=");
    assertThatThrownBy(() -> HttpListener.bind(server.loops, "203.0.113.7", 0, server))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("server.host");
    assertThatThrownBy(() -> HttpListener.bind(server.loops, "no such host", 0, server))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("not known");
    assertThatThrownBy(() -> HttpListener.bind(server.loops, "127.0.0.1", 70_000, server))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("no port 70000");
  }

  @Test
  void readsCookiesAndJoinsRepeatedHeaders() throws IOException {
    server.answers =
        exchange ->
            exchange.respond(
                Response.text(
                    200,
                    exchange.head().cookie("a").orElse("none")
                        + "|"
                        + exchange.head().cookie("b").orElse("none")
                        + "|"
                        + exchange.head().cookie("zz").orElse("none")
                        + "|"
                        + exchange.head().header("x-l").orElse("none")
                        + "|"
                        + exchange.head().remoteAddress()));
    try (var peer = server.connect()) {
      peer.send(
          "GET / HTTP/1.1\r\n"
              + "Host: x\r\n"
              + "Cookie: a=1; b=\"two\"\r\n"
              + "Cookie: a=9\r\n"
              + "X-L: p\r\n"
              + "X-L: q\r\n\r\n");
      assertThat(peer.answer()).endsWith("1|two|none|p, q|127.0.0.1");
    }
  }

  @Test
  void survivesThousandsOfMutatedRequestsWhileOthersGoOn() throws IOException {
    long seed = 8_080;
    var random = new Random(seed);
    var sound =
        "POST /x?y=z HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "X-A: b\r\n"
            + "Content-Length: 5\r\n\r\n"
            + "abcdeGET / HTTP/1.1\r\n"
            + "Host: x\r\n\r\n";
    try (var good = server.connect()) {
      for (int round = 0; round < 1_000; round++) {
        var bytes = sound.getBytes(StandardCharsets.ISO_8859_1);
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        attack(bytes);
        if (round % 50 == 0) {
          good.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
          assertThat(good.answer()).as("seed %s round %s", seed, round).endsWith("ok");
        }
      }
    }
    Await.until("all sockets are gone", () -> server.loops.openConnections() == 0);
  }

  private void attack(byte[] bytes) throws IOException {
    try (var bad = server.connect()) {
      bad.send(bytes);
    } catch (java.net.SocketException reset) {
      assertThat(reset).hasMessageFindingMatch("reset|Broken pipe");
    }
  }

  @FuzzTest
  void survivesAnyBytes(byte[] bytes) throws IOException {
    attack(bytes);
    try (var good = server.connect()) {
      good.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(good.answer()).endsWith("ok");
    }
  }

  @Test
  void theSpecExplainsEveryKey() {
    assertThat(Spec.of(NetSpec.class).keys())
        .allSatisfy(key -> assertThat(key.about()).isNotBlank());
  }
}
