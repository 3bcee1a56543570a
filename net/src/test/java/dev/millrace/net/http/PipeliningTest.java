package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.net.RawPeer;
import dev.millrace.net.TestServer;
import dev.millrace.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class PipeliningTest {
  private final TestServer server = new TestServer();

  PipeliningTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void answersPipelinedRequestsInOrderAlsoWhenAnswersComeLate() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    server.answers = late::add;
    try (var peer = server.connect()) {
      peer.send(
          "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
              + "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
              + "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      for (var path : new String[] {"/1", "/2", "/3"}) {
        Await.until("the request is there", () -> !late.isEmpty());
        assertThat(late).as("one at a time").hasSize(1);
        var exchange = late.remove();
        assertThat(exchange.head().path()).isEqualTo(path);
        exchange.respond(
            Response.text(200, path + new String(exchange.body(), StandardCharsets.UTF_8)));
        assertThat(peer.answer()).endsWith(path.equals("/2") ? "/2abc" : path);
      }
      assertThat(peer.atEnd()).isTrue();
    }
  }

  @Test
  void thousandsOfPipelinedRequestsBehindASlowOneAreAnsweredInOrder() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    server.answers =
        exchange -> {
          if (exchange.head().path().equals("/slow")) {
            late.add(exchange);
          } else {
            exchange.respond(Response.text(200, exchange.head().path()));
          }
        };
    try (var peer = server.connect()) {
      var requests = new StringBuilder("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      for (int i = 0; i < 1_800; i++) {
        requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
      }
      peer.send(requests.toString());
      Await.until("the slow one is there", () -> !late.isEmpty());
      late.remove().respond(Response.text(200, "slow"));
      assertThat(peer.answer()).endsWith("slow");
      for (int i = 0; i < 1_800; i++) {
        assertThat(peer.answer()).endsWith("\r\n\r\n/" + i);
      }
    }
  }

  @Test
  void anUpgradeAfterASlowAnswerReadsOn() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    server.answers = late::add;
    try (var peer = server.connect()) {
      peer.send(
          "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n"
              + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: "
              + RawPeer.KEY
              + "\r\n\r\n");
      Await.until("the slow one is there", () -> !late.isEmpty());
      late.remove().respond(Response.text(200, "slow"));
      assertThat(peer.answer()).endsWith("slow");
      assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
      assertThat(peer.text("on").frame().text()).isEqualTo("on");
    }
  }

  @Test
  void aClientThatEndsItsOutputGetsItsAnswersAndIsGoneAtOnce() throws IOException {
    var late = new ConcurrentLinkedQueue<HttpExchange>();
    server.answers = late::add;
    try (var peer = server.connect()) {
      peer.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
      peer.socket.shutdownOutput();
      for (int i = 1; i <= 2; i++) {
        Await.until("the request is there", () -> !late.isEmpty());
        late.remove().respond(Response.text(200, "answer " + i));
        assertThat(peer.answer()).endsWith("answer " + i);
      }
      assertThat(peer.atEnd()).isTrue();
    }
    // The clock stands still, so no deadline has helped.
    Await.until("it is gone", () -> server.loops.openConnections() == 0);
  }
}
