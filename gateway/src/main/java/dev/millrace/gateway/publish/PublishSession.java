package dev.millrace.gateway.publish;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.wse.PublishRefusal;
import dev.millrace.gateway.wse.Publisher;
import dev.millrace.hub.Message;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/// One publishing connection. Nothing is dropped: it is read only as fast as the hub takes its
/// events and as its client takes its answers. Confined to the connection's loop.
final class PublishSession implements WebSocketListener, Publisher.Answers {
  private static final String ACCEPTED = "{\"accepted\":1}";
  private static final String KIND = "publisher";

  private final PublishEndpoint endpoint;
  private final WebSocketConnection connection;
  private final String topic;
  private final String type;
  private final boolean acknowledges;
  private final Publisher publisher;
  private final LeaseWatch.Watched watched;

  PublishSession(
      PublishEndpoint endpoint,
      WebSocketConnection connection,
      Lease lease,
      String topic,
      String type,
      boolean acknowledges) {
    this.endpoint = endpoint;
    this.connection = connection;
    this.topic = topic;
    this.type = type;
    this.acknowledges = acknowledges;
    this.publisher = new Publisher(endpoint.hub(), connection, this);
    this.watched = endpoint.leases().watch(connection.loop(), lease, this::leaseEnded);
    endpoint.entered(this);
  }

  /// The server stops. From any thread.
  void restartSoon() {
    connection.loop().execute(() -> connection.close(CloseCode.RESTART, "Server restarting"));
  }

  /// The credentials it came with no longer let it in.
  private void leaseEnded(Lease.End end) {
    var name = watched.lease().principal().name();
    endpoint.kills().killed(KIND, name, Kills.UNAUTHORIZED, end.reason());
    connection.close(end.closeCode(), end.reason());
  }

  @Override
  public void closed(int code, String reason) {
    watched.forget();
    endpoint.left(this);
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    var bytes = ByteBufUtil.getBytes(payload);
    var kind = Json.kindOf(bytes);
    if (kind == null) {
      endpoint.invalid().inc();
      publisher.then(() -> invalid(bytes));
      return;
    }
    boolean object = kind == Json.Kind.OBJECT;
    publisher.add(topic, Message.of(type, bytes, object, endpoint.frames().now()));
  }

  @Override
  public void readComplete() {
    publisher.flush();
    settle();
  }

  @Override
  public void writable() {
    if (!publisher.isWaiting()) {
      connection.resumeReading();
    }
  }

  @Override
  public void accepted(int messages) {
    for (int i = 0; acknowledges && i < messages; i++) {
      connection.sendText(ACCEPTED);
    }
  }

  @Override
  public void refused(Problem problem) {
    endpoint.refused().inc();
    connection.write(PublishRefusal.frame(endpoint.frames(), problem, null));
  }

  @Override
  public void answered() {
    if (!publisher.isWaiting()) {
      connection.resumeReading();
    }
    settle();
  }

  /// Sends the answers; while they do not leave, nothing more is read.
  private void settle() {
    connection.flush();
    if (connection.unfinished() > 0) {
      connection.pauseReading();
    }
  }

  private void invalid(byte[] bytes) {
    var sentence = "The frame is not one JSON value: " + Json.complaint(bytes);
    connection.write(endpoint.frames().error("INVALID_MESSAGE", sentence, true, null, null));
  }
}
