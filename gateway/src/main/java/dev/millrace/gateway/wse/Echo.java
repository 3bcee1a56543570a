package dev.millrace.gateway.wse;

import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.Admission;
import dev.millrace.gateway.http.OriginPolicy;
import dev.millrace.gateway.http.WebSocketEndpoint;
import dev.millrace.net.http.RequestHead;
import dev.millrace.net.websocket.Frames;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketLimits;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;

/// Sends every message back as it came, for conformance suites: text as text, binary as binary. On
/// loopback only. Nothing is kept: while answers do not leave, nothing more is read. Confined to
/// the connection's loop.
record Echo(WebSocketConnection connection) implements WebSocketListener {
  private static final String PATH = "/wse/echo";
  private static final int LONGEST = 16 << 20;

  static WebSocketEndpoint endpoint(Supplier<WebSocketLimits> limits) {
    return new WebSocketEndpoint(
        PATH,
        Surface.WSE,
        Route.Access.CLIENT,
        "Every message comes back as it went; on loopback only.",
        OriginPolicy.CONFIGURED,
        (request, parameters, admission) -> open(request, admission, limits.get()));
  }

  private static Upgrade open(RequestHead request, Admission admission, WebSocketLimits limits) {
    if (admission instanceof Admission.Rejected rejected) {
      return rejected.asRefusal();
    }
    var address = request.localAddress().getAddress();
    return address != null && address.isLoopbackAddress()
        ? new Upgrade.Accept(Echo::new, limits.withMaxMessageBytes(LONGEST))
        : new Upgrade.Refuse(Response.failure(404, "NOT_FOUND", "there is nothing at this path"));
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    int bytes = payload.readableBytes();
    var frame = connection.loop().allocator().buffer(Frames.headerBytes(bytes) + bytes);
    Frames.writeHeader(frame, text, bytes);
    frame.writeBytes(payload, payload.readerIndex(), bytes);
    connection.write(frame);
    if (bytes > connection.limits().maxMessageBytes() / 64) {
      settle();
    }
  }

  @Override
  public void readComplete() {
    settle();
  }

  @Override
  public void writable() {
    connection.resumeReading();
  }

  private void settle() {
    connection.flush();
    if (connection.unfinished() > 0) {
      connection.pauseReading();
    }
  }
}
