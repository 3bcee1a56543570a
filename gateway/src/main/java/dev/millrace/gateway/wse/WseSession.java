package dev.millrace.gateway.wse;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.hub.IdWindow;
import dev.millrace.hub.Session;
import dev.millrace.hub.SessionTransport;
import dev.millrace.hub.SubscribeOutcome;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One connection that speaks the dialect: between the socket and its session in the hub. Confined
/// to the connection's loop.
final class WseSession implements WebSocketListener, SessionTransport, Publisher.Answers {
  private static final int ID_WINDOW = 1_000;
  private static final int SLOW = 4503;
  private static final String KIND = "client";

  private final WseDialect dialect;
  private final WebSocketConnection connection;
  private final String connectionId;
  private final Session session;
  private final TokenBucket bucket;
  private final LeaseWatch.Watched watched;
  private @Nullable ClientInfo arriving; // until the greeting
  private @Nullable IdWindow ids; // once a message has one
  private @Nullable Publisher publisher; // once it publishes
  private int silentBeats;
  private long systemFrames;
  private int pulseGroup;
  private int pulseSlot;

  WseSession(WseDialect dialect, WebSocketConnection connection, ClientInfo client, Lease lease) {
    this.dialect = dialect;
    this.connection = connection;
    this.connectionId = client.connectionId();
    this.arriving = client;
    this.bucket = new TokenBucket(dialect.spec().rateLimit(), dialect.clock().nanoTime());
    this.session = dialect.hub().open(new LoopPort(connection.loop()), WseEnvelope.INSTANCE, this);
    dialect.pulseOf(connection.loop()).add(this);
    this.watched = dialect.leases().watch(connection.loop(), lease, this::leaseEnded);
  }

  // The socket.

  @Override
  public void opened() {
    var client = arriving;
    arriving = null; // tens of thousands of idle connections need not keep it
    if (client != null) {
      send("server_ready", dialect.handshake().ready(client), null);
      if (!client.topics().isEmpty()) {
        subscribe(client.topics(), null);
      }
    }
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    silentBeats = 0;
    int size = payload.readableBytes();
    if (size > Handshake.MAX_MESSAGE) {
      dialect.counters().tooLarge.inc();
      var sentence = "A message of " + size + " bytes exceeds " + Handshake.MAX_MESSAGE;
      reply(dialect.frames().tooLarge(sentence, Handshake.MAX_MESSAGE, connectionId));
      return;
    }
    var bytes = ByteBufUtil.getBytes(payload);
    if (!bucket.takeKnown() && !mayPass(bytes)) {
      return;
    }
    switch (InboundDecoder.decode(bytes)) {
      case Inbound.Malformed _ -> dialect.counters().malformed.inc();
      case Inbound.ShortPing(long clientMillis) -> pong(clientMillis, null);
      case Inbound.ShortPong _ -> dialect.counters().pings.inc();
      case Inbound.Request request -> {
        if (isNew(request.id())) {
          handle(request);
        } else {
          dialect.counters().duplicates.inc();
        }
      }
    }
  }

  @Override
  public void readComplete() {
    if (publisher != null) {
      publisher.flush();
    }
  }

  @Override
  public void writable() {
    session.writable();
  }

  @Override
  public void closed(int code, String reason) {
    watched.forget();
    dialect.pulseOf(connection.loop()).remove(this);
    dialect.left();
    session.close();
  }

  // The hub.

  @Override
  public void write(ByteBuf frames) {
    connection.write(frames);
  }

  @Override
  public boolean flush() {
    connection.flush();
    return connection.unfinished() == 0;
  }

  /// The hub gives up on a session that is hopelessly behind.
  @Override
  public void close(int code, String reason) {
    kill(Kills.BACKPRESSURE, reason);
    connection.close(code, reason);
  }

  // Time.

  /// Once per heartbeat interval.
  void beat() {
    var interval = dialect.spec().heartbeatInterval();
    if (interval.multipliedBy(silentBeats).compareTo(dialect.spec().idleTimeout()) >= 0) {
      idle();
      return;
    }
    silentBeats++;
    long now = dialect.frames().now();
    // A client that is too slow for heartbeats is told by what it does receive; none is owed.
    notice(
        dialect
            .frames()
            .frame(
                "heartbeat",
                SystemFrames.object()
                    .put("timestamp", now)
                    .put("sequence", systemFrames + session.delivered()),
                null));
    notice(dialect.frames().bare("PING", SystemFrames.object().put("timestamp", now), null));
  }

  /// The server stops.
  void restart() {
    dialect.counters().closedRestart.inc();
    connection.close(CloseCode.RESTART, "Server restarting");
  }

  /// The credentials it came with no longer let it in.
  private void leaseEnded(Lease.End end) {
    dialect.counters().closedLease.inc();
    kill(Kills.UNAUTHORIZED, end.reason());
    var hint = "Connect again with a sound token";
    connection.write(dialect.frames().denial("AUTH_FAILED", end.reason(), hint));
    connection.close(end.closeCode(), end.reason());
  }

  private void kill(String reason, String detail) {
    if (connection.isOpen()) {
      dialect.kills().killed(KIND, connectionId, reason, detail);
    }
  }

  private void idle() {
    dialect.counters().closedIdle.inc();
    kill(Kills.SILENT, "nothing came from it");
    var payload =
        SystemFrames.object()
            .put("old_state", "connected")
            .put("new_state", "disconnected")
            .put("timestamp", dialect.frames().nowText())
            .put("connection_id", connectionId);
    connection.write(dialect.frames().frame("connection_state_change", payload, null));
    connection.close(CloseCode.NORMAL, "Idle timeout");
  }

  // Requests.

  private void handle(Inbound.Request request) {
    switch (request.type()) {
      case "ping", "PING" -> pong(request);
      case "pong", "PONG" -> dialect.counters().pings.inc();
      case "client_hello" -> {
        dialect.counters().hellos.inc();
        send("server_hello", dialect.handshake().hello(connectionId), request.correlationId());
      }
      case "subscription", "subscription_update" -> subscription(request);
      case "publish" -> publish(request);
      default -> dialect.counters().unknown.inc();
    }
  }

  private void pong(Inbound.Request request) {
    var payload = request.payload();
    for (var name : List.of("timestamp", "ts", "client_timestamp")) {
      if (payload.path(name).isNumber()) {
        pong(payload.path(name).asLong(0), request.correlationId());
        return;
      }
    }
    pong(0, request.correlationId());
  }

  private void pong(long clientMillis, @Nullable String correlationId) {
    dialect.counters().pings.inc();
    long now = dialect.frames().now();
    var payload =
        SystemFrames.object()
            .put("client_timestamp", clientMillis)
            .put("server_timestamp", now)
            .put("connection_id", connectionId)
            .put("latency", clientMillis == 0 ? 0 : Math.max(0, now - clientMillis));
    reply(dialect.frames().bare("PONG", payload, correlationId));
  }

  private void subscription(Inbound.Request request) {
    dialect.counters().subscriptions.inc();
    var payload = request.payload();
    var topics = new ArrayList<String>();
    payload.path("topics").forEach(topic -> topics.add(topic.asString("")));
    var action = payload.path("action").asString("");
    int most = dialect.spec().maxSubscriptions();
    if (topics.isEmpty()) {
      error("INVALID_SUBSCRIPTION", "No topics specified", request.correlationId());
    } else if (topics.size() > most) {
      var sentence = "At most " + most + " topics in one message, not " + topics.size();
      error("INVALID_SUBSCRIPTION", sentence, request.correlationId());
    } else {
      switch (action) {
        case "subscribe" -> subscribe(topics, request.correlationId());
        case "unsubscribe" -> unsubscribe(topics, request.correlationId());
        default ->
            error(
                "INVALID_ACTION",
                "Invalid subscription action: " + shortened(action),
                request.correlationId());
      }
    }
  }

  private void subscribe(List<String> topics, @Nullable String correlationId) {
    session.subscribe(topics, outcomes -> subscribed(outcomes, correlationId));
  }

  private void subscribed(List<SubscribeOutcome> outcomes, @Nullable String correlationId) {
    acknowledge(SubscriptionAck.subscribed(outcomes), correlationId);
  }

  private void unsubscribe(List<String> topics, @Nullable String correlationId) {
    topics.forEach(session::unsubscribe);
    acknowledge(SubscriptionAck.unsubscribed(topics), correlationId);
  }

  private void acknowledge(SubscriptionAck ack, @Nullable String correlationId) {
    var payload =
        ack.payload(
            session.topics(), dialect.spec().maxSubscriptions(), dialect.frames().nowText());
    send("subscription_update", payload, correlationId);
  }

  private void publish(Inbound.Request request) {
    dialect.counters().publishes.inc();
    if (!watched.lease().allows(Surface.PUBLISH, Role.PUBLISHER)) {
      dialect.counters().publishForbidden.inc();
      error("FORBIDDEN", "Publishing needs the role publisher", request.correlationId());
      return;
    }
    switch (PublishRequest.read(request, dialect.frames().now())) {
      case PublishRequest.Outcome.Wrong(var why) -> {
        dialect.counters().publishRefused.inc();
        error("INVALID_MESSAGE", why, request.correlationId());
      }
      case PublishRequest.Outcome.Read(var read) -> {
        if (publisher == null) {
          publisher = new Publisher(dialect.hub(), connection, this);
        }
        publisher.add(read.topic(), read.message());
      }
    }
  }

  @Override
  public void accepted(int messages) {
    // Only refusals are answered here; a subscription shows what was accepted.
  }

  @Override
  public void refused(Problem problem) {
    dialect.counters().publishRefused.inc();
    reply(PublishRefusal.frame(dialect.frames(), problem, connectionId));
  }

  @Override
  public void answered() {
    if (publisher != null && !publisher.isWaiting()) {
      connection.resumeReading();
    }
  }

  // Limits.

  private boolean mayPass(byte[] bytes) {
    long now = dialect.clock().nanoTime();
    if (bucket.take(now) || InboundDecoder.looksLikePing(bytes)) {
      return true;
    }
    dialect.counters().limited.inc();
    if (bucket.warnNow(now)) {
      send("rate_limit_warning", RateLimitWarning.payload(dialect.spec().rateLimit()), null);
    }
    return false;
  }

  private boolean isNew(@Nullable String id) {
    if (id == null) {
      return true;
    }
    if (ids == null) {
      ids = new IdWindow(ID_WINDOW);
    }
    return ids.add(id);
  }

  // Sending.

  private void error(String code, String message, @Nullable String correlationId) {
    reply(dialect.frames().error(code, message, true, connectionId, correlationId));
  }

  private void send(String type, ObjectNode payload, @Nullable String correlationId) {
    reply(dialect.frames().frame(type, payload, correlationId));
  }

  /// An answer that the client waits for: without room for it the connection is of no use.
  private void reply(ByteBuf frame) {
    systemFrames++;
    if (!session.send(frame) && connection.isOpen()) {
      dialect.counters().closedSlow.inc();
      kill(Kills.BACKPRESSURE, "answers are not being read");
      connection.close(SLOW, "Answers are not being read");
    }
  }

  /// A frame that may be lost; the hub counts it.
  private void notice(ByteBuf frame) {
    if (session.send(frame)) {
      systemFrames++;
    }
  }

  private static String shortened(String text) {
    return text.length() <= 64 ? text : text.substring(0, 64) + "…";
  }

  // For the pulse.

  void placed(int group, int slot) {
    pulseGroup = group;
    pulseSlot = slot;
  }

  int pulseGroup() {
    return pulseGroup;
  }

  int pulseSlot() {
    return pulseSlot;
  }
}
