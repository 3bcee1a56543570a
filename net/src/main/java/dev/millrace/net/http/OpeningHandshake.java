package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.Closing;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import dev.millrace.net.websocket.Upgrade;
import dev.millrace.net.websocket.WebSocketConnection;
import io.netty.channel.Channel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One WebSocket handshake from its request to the decision about it, which may take its time. A
/// client must not send on before it has the answer (RFC 6455, section 4.1). Confined to the loop.
final class OpeningHandshake {
  private static final Logger log = LoggerFactory.getLogger(OpeningHandshake.class);

  private final HttpConnection connection;
  private final HttpService service;
  private final Loop loop;
  private final Channel channel;
  private final RequestHead request;

  OpeningHandshake(
      HttpConnection connection,
      HttpService service,
      Loop loop,
      Channel channel,
      RequestHead request) {
    this.connection = connection;
    this.service = service;
    this.loop = loop;
    this.channel = channel;
    this.request = request;
  }

  void begin() {
    var refusal = WebSocketDoor.refusal(request, service);
    if (refusal == null) {
      decide(() -> service.upgrade(request));
    } else {
      refuse(refusal);
    }
  }

  private void decide(Supplier<Upgrade> decision) {
    if (connection.holdsMore()) {
      refuse(service.malformed(400, "BAD_HANDSHAKE", "nothing may follow before the answer"));
      return;
    }
    Upgrade upgrade;
    try {
      upgrade = decision.get();
    } catch (RuntimeException failure) {
      failed(failure);
      return;
    }
    switch (upgrade) {
      case Upgrade.Refuse(var response) -> refuse(response);
      case Upgrade.Accept _ when connection.hasInputEnded() ->
          Closing.now(channel); // a WebSocket would never hear of an end that came before it
      case Upgrade.Accept accepted -> accept(accepted);
      case Upgrade.Later(var later) -> {
        channel.config().setAutoRead(false);
        var _ = later.whenComplete((known, failure) -> loop.execute(() -> decided(known, failure)));
      }
    }
  }

  private void decided(@Nullable Supplier<Upgrade> known, @Nullable Throwable failure) {
    if (!connection.isAnswering()) {
      return; // the client has left
    }
    if (known == null) {
      failed(failure);
    } else {
      decide(known);
    }
  }

  private void failed(@Nullable Throwable failure) {
    loop.metrics().counter(NetMetric.CALLBACK_FAILURES).inc();
    log.error("The service failed on the handshake of {}", request.path(), failure);
    refuse(connection.failure());
  }

  private void accept(Upgrade.Accept accepted) {
    connection.write(WebSocketDoor.switching(loop.allocator(), request));
    connection.count(101);
    connection.leaveTo(() -> WebSocketConnection.open(channel, loop, accepted).flush());
  }

  private void refuse(Response response) {
    connection.answered(response, false);
  }
}
