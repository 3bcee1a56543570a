package dev.millrace.net;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.FakeClock;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

/// Loops, a listener on a free port and a service that tests shape; its clock moves only by hand.
public final class TestServer implements AutoCloseable, HttpService {
  public final FakeClock clock = new FakeClock();
  public final Metrics metrics = new Metrics();
  public final EventLoops loops;
  public final HttpListener listener;
  public volatile Consumer<HttpExchange> answers =
      exchange -> exchange.respond(Response.text(200, "ok"));
  public volatile Function<WebSocketConnection, WebSocketListener> sockets = EchoListener::new;
  public volatile Function<WebSocketLimits, WebSocketLimits> limits = limits -> limits;

  public TestServer() throws ProblemException {
    this(NetSpec.DEFAULT);
  }

  public TestServer(NetSpec spec) throws ProblemException {
    this(spec, true);
  }

  public TestServer(NetSpec spec, boolean epoll) throws ProblemException {
    this.loops =
        new EventLoops(spec, clock, metrics, epoll && io.netty.channel.epoll.Epoll.isAvailable());
    this.listener = HttpListener.bind(loops, "127.0.0.1", 0, this);
  }

  @Override
  public void serve(HttpExchange exchange) {
    answers.accept(exchange);
  }

  @Override
  public Upgrade upgrade(RequestHead request) {
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
