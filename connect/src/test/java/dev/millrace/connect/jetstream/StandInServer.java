package dev.millrace.connect.jetstream;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.SystemClock;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetSpec;
import dev.millrace.net.http.HttpExchange;
import dev.millrace.net.http.HttpListener;
import dev.millrace.net.http.HttpService;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A Jetstream server for tests, on a real socket: gives each client the recorded events from its
/// cursor on, and misbehaves as told.
final class StandInServer implements HttpService, AutoCloseable {
  private final SystemClock clock = new SystemClock();
  private final EventLoops loops;
  private final HttpListener listener;
  private final List<byte[]> events;
  final List<RequestHead> requests = new CopyOnWriteArrayList<>();
  final List<String> messages = new CopyOnWriteArrayList<>();
  final List<WebSocketConnection> connections = new CopyOnWriteArrayList<>();
  final AtomicInteger sent = new AtomicInteger();

  /// Written by the test, read by the loop.
  volatile int refuseWith;

  /// Each connection is cut after this many events.
  volatile int dropAfter = Integer.MAX_VALUE;

  /// Events before the cursor that a connection begins with all the same.
  volatile int early;

  /// Sent before the events.
  volatile List<String> garbage = List.of();

  volatile boolean silent;

  StandInServer(List<byte[]> events) throws ProblemException {
    this.events = events;
    this.loops = new EventLoops(NetSpec.DEFAULT, clock, new Metrics());
    this.listener = HttpListener.bind(loops, "127.0.0.1", 0, this);
  }

  String address() {
    return "ws://127.0.0.1:" + listener.port();
  }

  EventLoops loops() {
    return loops;
  }

  @Override
  public void serve(HttpExchange exchange) {
    exchange.respond(Response.text(200, "Welcome"));
  }

  @Override
  public Upgrade upgrade(RequestHead request) {
    requests.add(request);
    if (refuseWith != 0) {
      return new Upgrade.Refuse(Response.text(refuseWith, "invalid wantedCollections"));
    }
    return new Upgrade.Accept(
        connection -> new Client(connection, request), WebSocketLimits.of(NetSpec.DEFAULT));
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
    clock.close();
  }

  private static long timeUs(byte[] event) {
    return ((JetstreamEvent) JetstreamEvent.read(event)).timeUs();
  }

  /// One client: a few events each turn, as fast as its socket takes them.
  private final class Client implements WebSocketListener {
    private final WebSocketConnection connection;
    private final boolean waitsForHello;
    private int next;
    private int given;

    Client(WebSocketConnection connection, RequestHead request) {
      this.connection = connection;
      this.waitsForHello = request.queryValue("requireHello").isPresent();
      long cursor = request.queryValue("cursor").map(Long::parseLong).orElse(0L);
      while (next < events.size() && timeUs(events.get(next)) < cursor) {
        next++;
      }
      next = Math.max(0, next - early);
      connections.add(connection);
    }

    @Override
    public void opened() {
      if (!silent && !waitsForHello) {
        garbage.forEach(connection::sendText);
        send();
      }
    }

    @Override
    public void message(boolean text, ByteBuf payload) {
      messages.add(payload.toString(StandardCharsets.UTF_8));
      send();
    }

    @Override
    public void writable() {
      send();
    }

    private void send() {
      while (next < events.size() && given < dropAfter) {
        connection.sendText(new String(events.get(next++), StandardCharsets.UTF_8));
        connection.flush();
        given++;
        sent.incrementAndGet();
        if (connection.unfinished() > 0) {
          return; // until it is writable
        }
      }
      if (given >= dropAfter) {
        connection.close(1001, "server shutting down");
      }
    }
  }
}
