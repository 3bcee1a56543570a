package dev.millrace.systemtest;

import dev.millrace.core.life.Closer;
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
import dev.millrace.net.websocket.Frames;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import java.net.URI;

/// The pipeline of the product's sockets, with nothing behind it but an echo.
final class EchoServer implements AutoCloseable, HttpService {
  private static final int LONGEST_MESSAGE = 16 << 20; // what the largest case sends

  private final Closer closer = new Closer();
  private final HttpListener listener;

  EchoServer() throws ProblemException {
    var clock = closer.opened(new SystemClock());
    var loops = closer.opened(new EventLoops(NetSpec.DEFAULT, clock, new Metrics()));
    this.listener = closer.opened(HttpListener.bind(loops, "127.0.0.1", 0, this));
  }

  URI address() {
    return URI.create("ws://127.0.0.1:" + listener.port() + "/echo");
  }

  @Override
  public void serve(HttpExchange exchange) {
    exchange.respond(Response.text(404, "there is a WebSocket only"));
  }

  @Override
  public Upgrade upgrade(RequestHead request) {
    return new Upgrade.Accept(
        Echo::new, WebSocketLimits.of(NetSpec.DEFAULT).withMaxMessageBytes(LONGEST_MESSAGE));
  }

  @Override
  public void close() {
    closer.close();
  }

  private record Echo(WebSocketConnection connection) implements WebSocketListener {
    @Override
    public void message(boolean text, ByteBuf payload) {
      int bytes = payload.readableBytes();
      var frame = connection.loop().allocator().buffer(Frames.headerBytes(bytes) + bytes);
      Frames.writeHeader(frame, text, bytes);
      frame.writeBytes(payload, payload.readerIndex(), bytes);
      connection.write(frame);
    }
  }
}
