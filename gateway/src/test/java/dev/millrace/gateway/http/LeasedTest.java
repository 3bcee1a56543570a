package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.route.BodyStream;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.TestTokens;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An answer without an end lasts as long as its caller may have it.
@Timeout(60)
class LeasedTest {
  private static final String JWT = "auth.jwt.secret=" + TestTokens.SECRET;

  private final Said said = new Said();
  private final Site site =
      new Site(
          RouterSpec.DEFAULT,
          List.of((RouteContribution) this::routes),
          List.of(),
          List.of(),
          List.of());

  LeasedTest() throws Exception {}

  @AfterEach
  void stop() {
    site.close();
  }

  /// Says a word for each that is put in; closed, it says so and ends.
  private static final class Said implements BodyStream {
    final ArrayBlockingQueue<String> words = new ArrayBlockingQueue<>(16);
    final CountDownLatch closed = new CountDownLatch(1);
    private boolean over;

    @Override
    public byte @Nullable [] next() throws InterruptedException {
      if (over) {
        return null;
      }
      var word = words.take();
      over = word.equals("closed\n");
      return word.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
      if (words.offer("closed\n")) {
        closed.countDown();
      }
    }
  }

  private List<Route> routes() {
    return List.of(
        new Route(
            "GET",
            "/live",
            Surface.API,
            Route.Access.VIEWER,
            Route.Docs.of("For a test."),
            request -> Response.live("text/plain", said)));
  }

  private BufferedReader ask(Socket socket, String token) throws IOException {
    socket.setSoTimeout(20_000);
    var request =
        "GET /live HTTP/1.1\r\nHost: 127.0.0.1:"
            + site.port()
            + "\r\nAuthorization: Bearer "
            + token
            + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String head(BufferedReader in) throws IOException {
    var head = new StringBuilder();
    for (var line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      head.append(line).append('\n');
    }
    return head.toString();
  }

  /// The one line of the next chunk.
  private static String chunk(BufferedReader in) throws IOException {
    in.readLine();
    var text = in.readLine();
    in.readLine();
    return String.valueOf(text);
  }

  @Test
  void itEndsWithTheTokenThatOpenedIt() throws Exception {
    site.access.apply(TestTokens.policy(JWT));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), site.port())) {
      var in = ask(socket, TestTokens.good("eye", "viewer"));
      assertThat(head(in))
          .startsWith("HTTP/1.1 200 ")
          .contains("X-Request-Id: ", "X-Content-Type-Options: nosniff");
      said.words.add("hello\n");
      assertThat(chunk(in)).isEqualTo("hello");
      site.clock.advance(Duration.ofHours(2));
      assertThat(chunk(in)).isEqualTo("closed");
      assertThat(in.readLine()).isEqualTo("0");
    }
  }

  @Test
  void itEndsWhenTheConfigurationNoLongerKnowsTheCaller() throws Exception {
    site.access.apply(TestTokens.policy(JWT));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), site.port())) {
      var in = ask(socket, TestTokens.good("eye", "viewer"));
      head(in);
      said.words.add("hello\n");
      assertThat(chunk(in)).isEqualTo("hello");
      site.access.apply(TestTokens.policy("auth.jwt.secret=another-secret-that-is-long-enough-0"));
      site.clock.advance(Duration.ofSeconds(2));
      assertThat(chunk(in)).isEqualTo("closed");
    }
  }

  @Test
  void aClientThatLeavesClosesIt() throws Exception {
    site.access.apply(TestTokens.policy(JWT));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), site.port())) {
      head(ask(socket, TestTokens.good("eye", "viewer")));
    }
    assertThat(said.closed.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoeverMayNotReadGetsNoneOfIt() throws Exception {
    site.access.apply(TestTokens.policy(JWT));
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), site.port())) {
      assertThat(head(ask(socket, "nobody-0123456789"))).startsWith("HTTP/1.1 401 ");
    }
    assertThat(said.closed.getCount()).isEqualTo(1);
  }
}
