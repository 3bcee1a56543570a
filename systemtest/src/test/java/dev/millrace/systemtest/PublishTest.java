package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Publishing from outside, on a server without any configuration.
class PublishTest {
  private static final int BY_REST = 50;
  private static final int BY_SOCKET = 2_000;

  private MillraceProcess process;
  private URI address;

  @TempDir private Path folder;

  @BeforeEach
  void start() {
    process = MillraceProcess.start(folder, "run", "--set", "server.port=0");
    address = process.awaitReady();
  }

  @AfterEach
  void end() {
    process.close();
  }

  @Test
  void whatIsPublishedArrivesInOrderAndBrokenMessagesTouchNoOther() {
    try (var subscriber =
            WebSocketClient.connect(address, "/wse?topics=numbers&compression=false");
        var publisher = WebSocketClient.connect(address, "/ws/publish/numbers?type=number")) {
      subscriber.await("the subscription", received -> received.size() >= 2);

      for (int n = 0; n < BY_REST; n++) {
        var answer = post("numbers", "{\"type\":\"number\",\"payload\":{\"n\":" + n + "}}");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body()).isEqualTo("{\"accepted\":1}");
      }
      for (int n = BY_REST; n < BY_REST + BY_SOCKET; n++) {
        publisher.send("{\"n\":" + n + "}");
        if (n == BY_REST + BY_SOCKET / 2) {
          publisher.send("{\"n\":");
        }
      }

      subscriber.await(
          "the last number", received -> numbers(subscriber).contains(BY_REST + BY_SOCKET - 1));
      assertThat(numbers(subscriber))
          .isEqualTo(IntStream.range(0, BY_REST + BY_SOCKET).boxed().toList());
      publisher.await("an error", received -> !received.isEmpty());
      assertThat(publisher.received())
          .singleElement()
          .satisfies(
              error -> {
                assertThat(error.type()).isEqualTo("error");
                assertThat(error.payload().path("code").asString()).isEqualTo("INVALID_MESSAGE");
              });
    }
  }

  @Test
  void aBodyThatIsNoEventIsAnsweredWithWhatIsWrong() {
    for (var body : List.of("{\"type\":\"x\",", "", "[1]", "{\"type\":7,\"payload\":1}")) {
      var answer = post("numbers", body);
      assertThat(answer.status()).as(body).isEqualTo(400);
      assertThat(answer.json().path("error").path("code").asString()).isEqualTo("BAD_EVENT");
      assertThat(answer.json().path("error").path("message").asString()).isNotBlank();
      assertThat(answer.json().path("request_id").asString()).isNotBlank();
    }
    assertThat(post("numbers", "{\"type\":\"x\",\"payload\":1}").status()).isEqualTo(202);
  }

  @Test
  void aPageOfAnotherSiteMayNeitherPublishNorListen() {
    var own = "Host: " + address.getAuthority();
    var foreign = "Origin: http://elsewhere.example";
    var same = "Origin: http://" + address.getAuthority();
    assertThat(rawPost(own, foreign)).isEqualTo(403);
    assertThat(rawPost(own, same)).isEqualTo(202);
    assertThat(handshake("/ws/publish/numbers", own, foreign)).isEqualTo(403);
    assertThat(handshake("/ws/publish/numbers", own, same)).isEqualTo(101);
    assertThat(handshake("/wse?topics=numbers", own, same)).isEqualTo(101);
    try (var page =
        WebSocketClient.connectFrom("http://elsewhere.example", address, "/wse?topics=numbers")) {
      page.await("the reason", received -> !received.isEmpty());
      assertThat(page.received().getFirst().payload().path("code").asString())
          .isEqualTo("ORIGIN_NOT_ALLOWED");
      assertThat(page.awaitClosed()).isEqualTo(4_403);
    }
  }

  @Test
  void aNameThatWasReboundToThisMachineGetsNowhere() {
    var foreign = "Host: elsewhere.example:" + address.getPort();
    assertThat(Http.rawStatus(address, "GET /stats", foreign)).isEqualTo(403);
    assertThat(rawPost(foreign, "Origin: http://elsewhere.example:" + address.getPort()))
        .isEqualTo(403);
    assertThat(handshake("/wse", foreign, "Accept: */*")).isEqualTo(403);
    assertThat(Http.rawStatus(address, "GET /stats", "Host: localhost:" + address.getPort()))
        .isEqualTo(200);
  }

  private int rawPost(String... headers) {
    var body = "{\"type\":\"x\",\"payload\":1}";
    var lines =
        new String[] {
          headers[0],
          headers[1],
          "Content-Type: application/json",
          "Content-Length: " + body.length(),
          "",
          body
        };
    return Http.rawStatus(address, "POST /api/v1/topics/numbers", lines);
  }

  private int handshake(String path, String... headers) {
    return Http.rawStatus(
        address,
        "GET " + path,
        headers[0],
        headers[1],
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
  }

  private Http.Answer post(String topic, String body) {
    return Http.post(address, "/api/v1/topics/" + topic, body);
  }

  private static List<Integer> numbers(WebSocketClient subscriber) {
    return subscriber.received("number").stream()
        .map(message -> message.payload().path("n").asInt())
        .toList();
  }
}
