package dev.millrace.gateway.wse;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.acl.PublishGate;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.hub.Message;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.net.websocket.WebSocketConnection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one client publishes: on topics, where nothing gets lost because its socket is not read
/// while there is no room, and to the programs behind the server, which miss what they have no room
/// for. Confined to the connection's loop.
final class SessionPublisher implements Publisher.Answers {
  private static final int BATCH = 256;

  private final WseSession session;
  private final Lease lease;
  private final Publisher publisher;
  private final PublishGate gate;
  private final WebSocketConnection connection;
  private boolean asks; // whether the client may; nothing is read meanwhile
  private List<Message> told = new ArrayList<>(2);
  private @Nullable String toldTo; // the topic, once something was told

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
  void tell(Message message) {
    told.add(message);
    if (told.size() >= BATCH) {
      flushTold();
    }
  }

  void flush() {
    publisher.flush();
    if (!told.isEmpty()) {
      flushTold();
    }
  }

  boolean isWaiting() {
    return asks || publisher.isWaiting();
  }

  private void flushTold() {
    if (toldTo == null) {
      toldTo = "client:" + session.userId() + ":messages";
    }
    var batch = told;
    told = new ArrayList<>(2);
    var hub = session.context().hub;
    switch (hub.publish(toldTo, batch)) {
      case PublishOutcome.Accepted _ -> {}
      case PublishOutcome.Refused _ when batch.size() > 1 -> {
        // A batch is taken whole or not at all; the message that spoils it must not harm others.
        for (var message : batch) {
          if (!(hub.publish(toldTo, List.of(message)) instanceof PublishOutcome.Accepted)) {
            session.context().counters.untold.inc();
          }
        }
      }
      case PublishOutcome.Refused _, PublishOutcome.Full _ ->
          session.context().counters.untold.inc(batch.size());
    }
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
