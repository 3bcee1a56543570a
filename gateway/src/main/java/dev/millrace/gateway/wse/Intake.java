package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.quality.CircuitBreaker;
import dev.millrace.hub.IdWindow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What comes from one client, on its way to the handlers: what came before is left out, what fails
/// is told, and a connection where nearly all fails is closed. Confined to the connection's loop.
final class Intake {
  private static final Logger log = LoggerFactory.getLogger(Intake.class);
  private static final int ID_WINDOW = 1_000;

  private final WseSession session;
  private @Nullable IdWindow ids; // once a message has one
  private @Nullable CircuitBreaker breaker; // once a handler has failed

  Intake(WseSession session) {
    this.session = session;
  }

  void take(Inbound inbound) {
    if (!session.isOpen()) {
      return; // it is being closed; what it still says concerns nobody
    }
    switch (inbound) {
      case Inbound.Request request -> {
        var _ = handle(request);
      }
      case Inbound.Malformed _ -> {
        session.context().counters.malformed.inc();
        session.client().protocolErrors++;
      }
      case Inbound.ShortPing(long clientMillis) -> {
        session.giveTokenBack();
        PingMessages.pong(session, clientMillis, null);
      }
      case Inbound.ShortPong(long serverMillis) -> session.answeredPing(serverMillis);
    }
  }

  /// Has a message handled. Returns null if it was, or a sentence that says why not.
  @Nullable String handle(Inbound.Request request) {
    if (!isNew(request)) {
      session.context().counters.duplicates.inc();
      session.client().duplicates++;
      return "A message with this id came before";
    }
    if (breaker != null && !breaker.allows(session.context().clock.nanoTime())) {
      var sentence = "Too many messages failed; connect again later";
      session.ending().fail("degraded", "CIRCUIT_BREAKER_OPEN", sentence);
      return "Circuit breaker open";
    }
    try {
      request.handler().handle(session, request);
    } catch (RuntimeException failure) {
      return failed(request, failure);
    }
    if (breaker != null && breaker.succeeded()) {
      session.client().failing = false;
      session.send("connection_state_change", session.stateChange("degraded", "connected"), null);
    }
    return null;
  }

  @Nullable CircuitBreaker breaker() {
    return breaker;
  }

  /// `connected`, or `degraded` while too much fails.
  String state() {
    return breaker == null || breaker.state() == CircuitBreaker.State.CLOSED
        ? "connected"
        : "degraded";
  }

  private String failed(Inbound.Request request, RuntimeException failure) {
    var sentence = "Error processing message type: " + shortened(request.type());
    log.warn("A handler failed for {}", session.connectionId(), failure);
    session.context().counters.handlerErrors.inc();
    session.client().errors++;
    session.error(request, "HANDLER_ERROR", sentence);
    if (!CircuitBreaker.isAboutAccess(failure.getMessage())) {
      if (breaker == null) {
        breaker = new CircuitBreaker(session.client().receivedMessages - 1);
      }
      var clock = session.context().clock;
      if (breaker.failed(clock.nanoTime(), clock.epochMillis())) {
        session.client().failing = true;
        session.send("connection_state_change", session.stateChange("connected", "degraded"), null);
      }
    }
    return sentence;
  }

  private boolean isNew(Inbound.Request request) {
    var bytes = request.ids();
    if (bytes == null) {
      return true;
    }
    if (ids == null) {
      ids = new IdWindow(ID_WINDOW);
    }
    return ids.add(bytes, request.idFrom(), request.idTo());
  }

  /// For sentences that repeat what a client sent.
  static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 64) + "…";
  }
}
