package dev.millrace.gateway.publish;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Principal;
import dev.millrace.gateway.acl.PublishGate;
import dev.millrace.gateway.api.PublishBody;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.session.Listed;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionView;
import dev.millrace.gateway.wse.JsonScanner;
import dev.millrace.gateway.wse.PublishRefusal;
import dev.millrace.gateway.wse.Publisher;
import dev.millrace.hub.Message;
import dev.millrace.net.Loop;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/// One publishing connection. Nothing is dropped: it is read only as fast as the hub takes its
/// events and as its client takes its answers. Confined to the connection's loop.
final class PublishSession implements WebSocketListener, Publisher.Answers, Listed {
  private static final String ACCEPTED = "{\"accepted\":1}";
  private static final String KIND = "publisher";

  private final PublishEndpoint endpoint;
  private final WebSocketConnection connection;
  private final PublishEndpoint.Manner manner;
  private final PublishGate gate;
  private final Publisher publisher;
  private final LeaseWatch.Watched watched;
  private final String id = SessionKind.PUBLISH.newId();
  private final long connectedMillis;
  private long messages;
  private long bytes;
  private long answers;

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
    this.connectedMillis = endpoint.frames().now();
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
    var frame = ByteBufUtil.getBytes(payload);
    messages++;
    bytes += frame.length;
    if (Boolean.FALSE.equals(gate.known(manner.topic()))) {
      endpoint.refused().inc();
      publisher.then(() -> complain("FORBIDDEN", "Publishing to this topic is not allowed"));
      return;
    }
    try {
      publisher.add(manner.topic(), message(frame));
    } catch (PublishBody.Unreadable wrong) {
      endpoint.invalid().inc();
      publisher.then(() -> complain("INVALID_MESSAGE", "The frame is " + wrong.what()));
    }
  }

  private Message message(byte[] frame) throws PublishBody.Unreadable {
    long now = endpoint.frames().now();
    if (manner.envelopes()) {
      return PublishBody.readOne(frame, now);
    }
    var kind = JsonScanner.kindOf(frame);
    if (kind == null) {
      throw new PublishBody.Unreadable("", "not one JSON value: " + Json.complaint(frame));
    }
    return Message.of(manner.type(), frame, kind == Json.Kind.OBJECT, now)
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
  public void accepted(int accepted) {
    for (int i = 0; manner.acknowledges() && i < accepted; i++) {
      connection.sendText(ACCEPTED);
      answers++;
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

  // For operators.

  @Override
  public String id() {
    return id;
  }

  @Override
  public Loop loop() {
    return connection.loop();
  }

  @Override
  public List<String> topics() {
    return List.of(manner.topic());
  }

  @Override
  public SessionView view() {
    var caller = watched.lease().principal();
    return new SessionView(
        id,
        SessionKind.PUBLISH,
        caller.kind() == Principal.Kind.ANONYMOUS ? null : caller.name(),
        SessionView.CONNECTED,
        1,
        0,
        Math.max(0, (endpoint.frames().now() - connectedMillis) / 1_000),
        answers,
        answers * ACCEPTED.length(),
        messages,
        bytes,
        0,
        null,
        null);
  }

  @Override
  public void kicked(int code, String reason) {
    endpoint.kills().killed(KIND, id, Kills.KICKED, reason);
    connection.close(code, reason);
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
