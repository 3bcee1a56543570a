package dev.millrace.net.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.net.TestServer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is known by the head of a request is not found out after its body.
@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
class EarlyRefusalTest {
  private final TestServer server = new TestServer();

  EarlyRefusalTest() throws ProblemException {}

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aLongBodyOfACallerThatIsRefusedIsNeitherReadNorKept() throws IOException {
    server.refusals = head -> head.path().equals("/no") ? Response.text(401, "who?") : null;
    for (var length : List.of("Content-Length: 1000000", "Transfer-Encoding: chunked")) {
      try (var peer = server.connect()) {
        peer.send("POST /no HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n");
        assertThat(peer.answer())
            .as(length)
            .startsWith("HTTP/1.1 401 ")
            .contains("Connection: close")
            .endsWith("who?");
        assertThat(server.loops.loops().getFirst().incompleteInput().usedBytes()).isZero();
      }
    }
  }

  @Test
  void aShortBodyKeepsTheConnectionAndASoundCallerIsServed() throws IOException {
    server.refusals = head -> head.path().equals("/no") ? Response.text(401, "who?") : null;
    try (var peer = server.connect()) {
      peer.send("POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(peer.answer()).as("its service decides").endsWith("ok");
      peer.send("POST /yes HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
      peer.send("x".repeat(100_000));
      assertThat(peer.answer()).endsWith("ok");
    }
  }

  @Test
  void aHeaderThatIsRepeatedThousandsOfTimesCostsNoMoreThanItsBytes() throws Exception {
    var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    request.headers().add("host", "x");
    for (int i = 0; i < 12_000; i++) {
      request.headers().add(i % 2 == 0 ? "cookie" : "a", "1");
    }
    var channel = new EmbeddedChannel();
    var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = memory.getCurrentThreadAllocatedBytes();
    var head = RequestHeads.of(request, channel);
    assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000_000);
    assertThat(head.header("a").orElseThrow()).startsWith("1, 1, ").hasSize(6_000 * 3 - 2);
    assertThat(head.header("cookie").orElseThrow()).startsWith("1; 1; ").hasSize(6_000 * 3 - 2);
    channel.finishAndReleaseAll();
  }

  @Test
  void aHeadInWordsHasNothingThatCouldBeACredential() {
    var head =
        new RequestHead(
            "GET",
            "/wse",
            "/wse",
            Map.of("token", List.of("hidden-1")),
            Map.of("authorization", "Bearer hidden-2", "cookie", "access_token=hidden-3"),
            "192.0.2.1",
            InetSocketAddress.createUnresolved("x", 1),
            true);
    assertThat(head.toString()).isEqualTo("GET /wse from 192.0.2.1").doesNotContain("hidden");
  }
}
