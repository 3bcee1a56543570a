package dev.millrace.gateway.http;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.auth.AccessControl;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Refusal;
import dev.millrace.gateway.event.Rejects;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetSpec;
import dev.millrace.net.http.HttpListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// A running server with the given routes, and a client that sends any bytes it likes.
public final class Site implements AutoCloseable {
  public final FakeClock clock = new FakeClock();
  public final Metrics metrics;
  public final EventLoops loops;
  public final Router router;
  public final AccessControl access;
  private final LeaseWatch leases;

  /// Whoever was turned away from a route; the loops write.
  public final List<Refusal> refusals = new CopyOnWriteArrayList<>();
  private final HttpListener listener;

  public Site(
      RouterSpec spec,
      List<? extends RouteContribution> contributions,
      List<Route> onLoop,
      List<WebSocketEndpoint> endpoints,
      List<String> allowedOrigins)
      throws ProblemException {
    this(new Metrics(), spec, contributions, onLoop, endpoints, allowedOrigins);
  }

  public Site(
      Metrics metrics,
      RouterSpec spec,
      List<? extends RouteContribution> contributions,
      List<Route> onLoop,
      List<WebSocketEndpoint> endpoints,
      List<String> allowedOrigins)
      throws ProblemException {
    this.metrics = metrics;
    access = new AccessControl(new Rejects(clock, refusals::add), clock, metrics);
    loops = new EventLoops(NetSpec.DEFAULT, clock, metrics);
    leases = new LeaseWatch(access, loops.loops(), clock, metrics);
    router =
        new Router(
            spec,
            contributions,
            onLoop,
            endpoints,
            new OriginRule(allowedOrigins),
            access,
            leases,
            clock,
            metrics);
    listener = HttpListener.bind(loops, "127.0.0.1", 0, router);
  }

  /// Another port of the same router, which shows only `surfaces`.
  public HttpListener listen(Set<Surface> surfaces) throws ProblemException {
    return HttpListener.bind(loops, "127.0.0.1", 0, router.serving(surfaces));
  }

  public int port() {
    return listener.port();
  }

  /// The whole answer to one request; `headers` are lines that end with CR LF.
  public String ask(String method, String target, String headers, String body) throws IOException {
    return askBare(method, target, "Host: 127.0.0.1:" + port() + "\r\n" + headers, body);
  }

  public String get(String target) throws IOException {
    return ask("GET", target, "", "");
  }

  /// Like [#ask], with every header given.
  public String askBare(String method, String target, String headers, String body)
      throws IOException {
    return askAt(port(), method, target, headers, body);
  }

  /// Like [#askBare], at another port.
  public static String askAt(int port, String method, String target, String headers, String body)
      throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      var request =
          method
              + " "
              + target
              + " HTTP/1.1\r\n"
              + headers
              + (headers.contains("Upgrade:") ? "" : "Connection: close\r\n")
              + "Content-Length: "
              + bytes.length
              + "\r\n\r\n";
      var out = new ByteArrayOutputStream();
      out.writeBytes(request.getBytes(StandardCharsets.ISO_8859_1));
      out.writeBytes(bytes);
      socket.getOutputStream().write(out.toByteArray());
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// The body of an answer.
  public static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  @Override
  public void close() {
    listener.close();
    leases.close();
    loops.close();
  }
}
