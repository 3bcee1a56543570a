package dev.millrace.gateway.publish;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.gateway.acl.PublishGate;
import dev.millrace.gateway.api.PublishBody;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.wse.JsonScanner;
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
  private final PublishEndpoint.Manner manner;
  private final PublishGate gate;
  private final Publisher publisher;
  private final LeaseWatch.Watched watched;

  PublishSession(
      PublishEndpoint endpoint,
      WebSocketConnection connection,
      Lease lease,
      PublishEndpoint.Manner manner,
      PublishGate gate) {
    this.endpoint = endpoint;
    this.connection = connection;
    this.manner = manner;
    this.gate = gate;
    this.publisher = new Publisher(endpoint.hub(), connection, this, manner.maxInFlight());
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
    if (Boolean.FALSE.equals(gate.known(manner.topic()))) {
      endpoint.refused().inc();
      publisher.then(() -> complain("FORBIDDEN", "Publishing to this topic is not allowed"));
      return;
    }
    try {
      publisher.add(manner.topic(), message(bytes));
    } catch (PublishBody.Unreadable wrong) {
      endpoint.invalid().inc();
      publisher.then(() -> complain("INVALID_MESSAGE", "The frame is " + wrong.what()));
    }
  }

  private Message message(byte[] bytes) throws PublishBody.Unreadable {
    long now = endpoint.frames().now();
    if (manner.envelopes()) {
      return PublishBody.readOne(bytes, now);
    }
    var kind = JsonScanner.kindOf(bytes);
    if (kind == null) {
      throw new PublishBody.Unreadable("", "not one JSON value: " + Json.complaint(bytes));
    }
    return Message.of(manner.type(), bytes, kind == Json.Kind.OBJECT, now)
        .withPriority(manner.priority());
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
    for (int i = 0; manner.acknowledges() && i < messages; i++) {
      connection.sendText(ACCEPTED);
    }
  }

  @Override
  public void refused(Problem problem) {
    endpoint.refused().inc();
    connection.write(
        PublishRefusal.frame(endpoint.frames(), problem, endpoint.hub().maxMessageBytes(), null));
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

  private void complain(String code, String sentence) {
    connection.write(endpoint.frames().error(code, sentence, true, null, null));
  }
}
