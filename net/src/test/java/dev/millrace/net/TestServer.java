package dev.millrace.net;

import dev.millrace.core.document.Documents;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Response;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.FakeClock;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.tls.Tls;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.tls.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Loops, a listener on a free port and a service that tests shape; its clock moves only by hand.
public final class TestServer implements AutoCloseable, HttpService {
  public final FakeClock clock = new FakeClock();
  public final Metrics metrics = new Metrics();
  public final EventLoops loops;
  public final HttpListener listener;
  public volatile Consumer<HttpExchange> answers =
      exchange -> exchange.respond(Response.text(200, "ok"));
  public volatile Function<RequestHead, @Nullable Response> refusals = request -> null;
  public final CompletableFuture<Supplier<Upgrade>> later = new CompletableFuture<>();
  public volatile Function<WebSocketConnection, WebSocketListener> sockets = EchoListener::new;
  public volatile Function<WebSocketLimits, WebSocketLimits> limits = limits -> limits;

  public TestServer() throws ProblemException {
    this(NetSpec.DEFAULT);
  }

  public TestServer(NetSpec spec) throws ProblemException {
    this(spec, true);
  }

  public TestServer(NetSpec spec, boolean epoll) throws ProblemException {
    this(spec, epoll, null);
  }

  /// Over TLS.
  public TestServer(Tls tls) throws ProblemException {
    this(NetSpec.DEFAULT, true, tls);
  }

  public TestServer(NetSpec spec, boolean epoll, @Nullable Tls tls) throws ProblemException {
    this.loops =
        new EventLoops(spec, clock, metrics, epoll && io.netty.channel.epoll.Epoll.isAvailable());
    this.listener = HttpListener.bind(loops, "127.0.0.1", 0, this, tls);
  }

  /// The defaults with other values for some keys, given as lines of YAML.
  public static NetSpec spec(String yaml) {
    var problems = new Problems();
    return Documents.parse("spec", yaml.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Spec.of(NetSpec.class).read(tree, problems))
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }

  @Override
  public void serve(HttpExchange exchange) {
    answers.accept(exchange);
  }

  @Override
  public @Nullable Response refusal(RequestHead request) {
    return refusals.apply(request);
  }

  @Override
  public Upgrade upgrade(RequestHead request) {
    if (request.path().equals("/later")) {
      return new Upgrade.Later(later);
    }
    if (request.path().equals("/refused")) {
      return new Upgrade.Refuse(Response.text(403, "not here").withHeader("Retry-After", "7"));
    }
    return new Upgrade.Accept(sockets, limits.apply(WebSocketLimits.of(loops.spec())));
  }

  public int port() {
    return listener.port();
  }

  public RawPeer connect() throws IOException {
    return new RawPeer(port());
  }

  /// Over TLS, trusting `certified` alone, with these protocols.
  public RawPeer connect(TestCertificates.Certified certified, String... protocols)
      throws IOException {
    var sockets = certified.clientContext().getSocketFactory();
    var socket = (SSLSocket) sockets.createSocket(InetAddress.getLoopbackAddress(), port());
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    socket.setSoTimeout(10_000);
    socket.startHandshake();
    return new RawPeer(socket);
  }

  /// A raw peer behind a finished handshake.
  public RawPeer webSocket() throws IOException {
    return connect().handshake("/echo");
  }

  public double count(NetMetric metric, String... labels) {
    return metrics.count(metric, labels);
  }

  /// Moves time on, a little at a time, until something has happened.
  public void passTimeUntil(String what, java.util.function.BooleanSupplier condition) {
    Await.until(
        what,
        () -> {
          if (condition.getAsBoolean()) {
            return true;
          }
          clock.advance(Duration.ofMillis(500));
          return false;
        });
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
  }
}
