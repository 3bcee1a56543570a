package dev.millrace.gateway.wse;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.acl.PublishGate;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.hub.Message;
import dev.millrace.net.websocket.WebSocketConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one client publishes: on topics, where nothing gets lost because its socket is not read
/// while there is no room, and to the programs behind the server, which miss what they have no room
/// for. Confined to the connection's loop.
final class SessionPublisher implements Publisher.Answers {
  private final WseSession session;
  private final Lease lease;
  private final Publisher publisher;
  private final PublishGate gate;
  private final WebSocketConnection connection;
  private boolean asks; // whether the client may; nothing is read meanwhile
  private @Nullable Teller teller; // once something was told

  SessionPublisher(WseSession session, WebSocketConnection connection, Lease lease) {
    this.session = session;
    this.lease = lease;
    this.connection = connection;
    this.publisher = new Publisher(session.context().hub, connection, this);
    this.gate = new PublishGate(session.context().topics, Caller.of(lease.principal()));
  }

  boolean mayPublish() {
    return lease.allows(Surface.PUBLISH, Role.PUBLISHER);
  }

  /// Publishes behind what was added before; refusals are answered.
  void add(String topic, Message message, @Nullable String correlationId) {
    var known = gate.known(topic);
    if (known != null) {
      add(topic, message, known, correlationId);
      return;
    }
    asks = true;
    connection.pauseReading(); // so that later messages do not overtake this one
    session
        .context()
        .topics
        .decide(
            gate.caller(),
            Action.PUBLISH,
            List.of(topic),
            session.loop(),
            decision -> {
              asks = false;
              add(topic, message, !decision.granted().isEmpty(), correlationId);
              flush();
              session.resumeReading();
            });
  }

  /// Publishes what the server itself says about the client: nobody is asked.
  void publish(String topic, Message message) {
    publisher.add(topic, message);
  }

  private void add(String topic, Message message, boolean granted, @Nullable String correlationId) {
    if (granted) {
      publisher.add(topic, message);
    } else {
      session.context().counters.publishForbidden.inc();
      session.errorTo(correlationId, "FORBIDDEN", "Publishing to this topic is not allowed");
    }
  }

  /// Tells the programs that listen to this client. The client hears nothing of it.
  void tell(Inbound.Request request) {
    teller().tell(request);
  }

  void flush() {
    publisher.flush();
    if (teller != null) {
      teller.flush();
    }
  }

  boolean isWaiting() {
    return asks || publisher.isWaiting();
  }

  private Teller teller() {
    var known = teller;
    if (known == null) {
      known = new Teller(session);
      teller = known;
    }
    return known;
  }

  @Override
  public void accepted(int messages) {
    // Only refusals are answered here; a subscription shows what was accepted.
  }

  @Override
  public void refused(Problem problem) {
    session.context().counters.publishRefused.inc();
    var context = session.context();
    session.reply(
        PublishRefusal.frame(
            context.frames, problem, context.hub.maxMessageBytes(), session.connectionId()));
  }

  @Override
  public void answered() {
    session.resumeReading();
  }
}
