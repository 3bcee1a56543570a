package dev.millrace.gateway.wse;

import dev.millrace.core.route.Principal;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.inbound.ClientMessage;
import dev.millrace.gateway.inbound.InboundSink;
import dev.millrace.hub.Message;
import dev.millrace.hub.Session;
import dev.millrace.hub.SessionTransport;
import dev.millrace.net.Loop;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One connection that speaks the dialect: between the socket and its session in the hub. What its
/// messages do is in the handlers of [MessageTable]; what they need of the connection is at the end
/// of this class. Confined to the connection's loop.
final class WseSession implements WebSocketListener, SessionTransport, InboundSink.Respondent {
  private static final int SLOW = 4503;
  private static final int REPLACED = 4000;
  private static final String KIND = "client";

  /// Answers after which the next message has to wait until they are on their way.
  private static final int MOST_ANSWERS = 128;

  private final WseContext context;
  private final Pulse pulse;
  private final WebSocketConnection connection;
  private final Session session;
  private final TokenBucket bucket;
  private final LeaseWatch.Watched watched;
  private final ClientState client;
  private @Nullable ClientInfo arriving; // until the greeting
  private @Nullable Intake intake; // once something came
  private @Nullable SessionPublisher publisher; // once it publishes
  private boolean respondent; // programs know it, because they got a message of it
  private int silentBeats;
  private int answers; // since reading was held because of them
  private boolean free; // the message in hand has cost no token
  private boolean held; // not read, because of its answers
  private boolean ending; // this half has closed it
  private int pulseGroup;
  private int pulseSlot;

  WseSession(
      WseContext context,
      Pulse pulse,
      WebSocketConnection connection,
      ClientInfo arriving,
      Lease lease) {
    this.context = context;
    this.pulse = pulse;
    this.connection = connection;
    this.arriving = arriving;
    this.client = new ClientState(arriving, context.facts, context.frames.now());
    this.bucket = new TokenBucket(context.spec().rateLimit(), context.clock.nanoTime());
    this.session = context.hub.open(new LoopPort(connection.loop()), WseEnvelope.INSTANCE, this);
    pulse.add(this);
    this.watched = context.leases.watch(connection.loop(), lease, this::leaseEnded);
  }

  // The socket.

  @Override
  public void opened() {
    var info = arriving;
    arriving = null; // tens of thousands of idle connections need not keep it
    if (info == null) {
      return;
    }
    context.counters.opened.inc();
    if (context.isClosing()) {
      restart();
      return;
    }
    Comeback.replaceOldest(this);
    var ready = context.terms().handshake().ready(info, HelloMessages.offer(this));
    send("server_ready", ready, null);
    var topics = info.topics();
    if (topics == null) {
      Comeback.restore(this);
    } else if (!topics.isEmpty()) {
      SubscriptionMessages.subscribe(this, topics, SubscribeOptions.PLAIN, null);
    }
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    silentBeats = 0;
    int size = payload.readableBytes();
    client.receivedMessages++;
    client.receivedBytes += size;
    if (size > Handshake.MAX_MESSAGE) {
      tooLarge(size);
      return;
    }
    var bytes = ByteBufUtil.getBytes(payload);
    free = !bucket.takeKnown();
    if (free && !InboundDecoder.looksLikePing(bytes) && !takeToken()) {
      return;
    }
    var inbound = InboundDecoder.decode(bytes);
    if (!free || inbound.isPing() || takeToken()) {
      intake().take(inbound);
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
    if (client.snapshots != null) {
      client.snapshots.goOnNow();
    }
    if (held) {
      connection.loop().execute(this::release); // after the turn that hands the answers over
    }
  }

  @Override
  public void closed(int code, String reason) {
    watched.forget();
    pulse.remove(this);
    context.connections.decrementAndGet();
    boolean clean =
        !ending
            && (code == CloseCode.NORMAL
                || code == CloseCode.GOING_AWAY
                || code == CloseCode.NO_CODE);
    context.counters.ended(ending, clean).inc();
    Comeback.left(this, clean);
    CipherMessages.close(this);
    if (respondent) {
      context.inbound.gone(connectionId());
    }
    session.close();
  }

  // The hub.

  @Override
  public void write(ByteBuf frames) {
    client.sentBytes += frames.readableBytes();
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
    end(code, reason);
  }

  // Time.

  /// Once per heartbeat interval.
  void beat() {
    var interval = context.spec().heartbeatInterval();
    if (interval.multipliedBy(silentBeats).compareTo(context.spec().idleTimeout()) >= 0) {
      idle();
      return;
    }
    silentBeats++;
    long now = context.frames.now();
    // A client that is too slow for heartbeats is told by what it does receive; none is owed.
    notice("heartbeat", SystemFrames.object().put("timestamp", now).put("sequence", framesSent()));
    noticeBare("PING", SystemFrames.object().put("timestamp", now));
    HealthMessages.reportQuality(this);
  }

  /// The server stops.
  void restart() {
    if (connection.isOpen()) {
      context.counters.closedRestart.inc();
      end(CloseCode.RESTART, "Server restarting");
    }
  }

  /// Another connection of its user has taken its place. From any thread.
  void replaced() {
    connection
        .loop()
        .execute(
            () -> {
              if (connection.isOpen()) {
                context.counters.closedReplaced.inc();
                end(REPLACED, "Replaced by new connection");
              }
            });
  }

  /// The credentials it came with no longer let it in.
  private void leaseEnded(Lease.End end) {
    context.counters.closedLease.inc();
    kill(Kills.UNAUTHORIZED, end.reason());
    var hint = "Connect again with a sound token";
    connection.write(context.frames.denial("AUTH_FAILED", end.reason(), hint));
    end(end.closeCode(), end.reason());
  }

  private void idle() {
    context.counters.closedIdle.inc();
    kill(Kills.SILENT, "nothing came from it");
    connection.write(
        context.frames.frame(
            "connection_state_change", stateChange("connected", "disconnected"), null));
    end(context.clients().idleCloseCode(), "Idle timeout");
  }

  private void end(int code, String reason) {
    ending = true;
    connection.close(code, reason);
  }

  private void kill(String reason, String detail) {
    if (connection.isOpen()) {
      context.kills.killed(KIND, connectionId(), reason, detail);
    }
  }

  // Limits.

  private void tooLarge(int size) {
    context.counters.tooLarge.inc();
    client.protocolErrors++;
    var sentence = "A message of " + size + " bytes exceeds " + Handshake.MAX_MESSAGE;
    reply(context.frames.tooLarge(sentence, Handshake.MAX_MESSAGE, connectionId()));
  }

  /// Whether one more message may be handled; if not, the client is told once a second.
  boolean takeToken() {
    long now = context.clock.nanoTime();
    if (bucket.take(now)) {
      free = false;
      return true;
    }
    context.counters.limited.inc();
    client.dropped++;
    if (bucket.warnNow(now)) {
      send("rate_limit_warning", RateLimitWarning.payload(context.spec().rateLimit()), null);
    }
    return false;
  }

  /// The message was a ping, which costs nothing.
  void giveTokenBack() {
    if (!free) {
      bucket.giveBack();
      free = true;
    }
  }

  // For the handlers.

  WseContext context() {
    return context;
  }

  Session hubSession() {
    return session;
  }

  ClientState client() {
    return client;
  }

  Intake intake() {
    intake = intake == null ? new Intake(this) : intake;
    return intake;
  }

  String connectionId() {
    return client.name().connectionId();
  }

  String userId() {
    return client.name().userId();
  }

  Subscriptions.Subscriber subscriber() {
    return new Subscriptions.Subscriber(session, userId(), connectionId(), watched.lease());
  }

  /// The client answered a ping of `serverMillis`.
  void answeredPing(long serverMillis) {
    context.counters.pings.inc();
    long latency = context.frames.now() - serverMillis;
    if (serverMillis > 0 && latency >= 0) {
      client.addLatency(latency);
    }
  }

  /// Hands programs behind the server what the client sent, if there are any.
  void tellPrograms(Inbound.Request request) {
    var caller = watched.lease().principal();
    boolean nobody = caller.kind() == Principal.Kind.ANONYMOUS;
    var user = nobody ? connectionId() : caller.name();
    if (!respondent && context.inbound.isWanted()) {
      respondent = true;
      context.inbound.introduce(user, connectionId(), this);
    }
    context.inbound.offer(
        new ClientMessage(
            user,
            connectionId(),
            request.type(),
            request.id(),
            request.correlationId(),
            context.frames.now(),
            request.payloadBytes()));
  }

  /// A program answers. From any thread.
  @Override
  public void respond(Message message) {
    connection.loop().execute(() -> reply(WseEnvelope.frame(message)));
  }

  SessionPublisher publisher() {
    publisher =
        publisher == null ? new SessionPublisher(this, connection, watched.lease()) : publisher;
    return publisher;
  }

  /// Frames handed to the socket so far.
  long framesSent() {
    return client.systemFrames + session.delivered();
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  Loop loop() {
    return connection.loop();
  }

  // Sending.

  void answer(Inbound.Request request, String type, ObjectNode payload) {
    send(type, payload, request.correlationId());
  }

  void error(Inbound.@Nullable Request request, String code, String message) {
    errorTo(request == null ? null : request.correlationId(), code, message);
  }

  void errorTo(@Nullable String correlationId, String code, String message) {
    reply(context.frames.error(code, message, true, connectionId(), correlationId));
  }

  void send(String type, ObjectNode payload, @Nullable String correlationId) {
    reply(context.frames.frame(type, payload, correlationId));
  }

  /// An answer that the client waits for: without room for it the connection is of no use.
  void reply(ByteBuf frame) {
    client.systemFrames++;
    if (!session.send(frame) && connection.isOpen()) {
      context.counters.closedSlow.inc();
      kill(Kills.BACKPRESSURE, "answers are not being read");
      end(SLOW, "Answers are not being read");
    }
    if (++answers == MOST_ANSWERS) {
      held = true;
      connection.pauseReading();
      connection.loop().execute(this::releaseUnlessBlocked);
    }
  }

  /// Something the client does without if there is no room; the hub counts it.
  void notice(String type, ObjectNode payload) {
    offer(context.frames.frame(type, payload, null));
  }

  private void noticeBare(String type, ObjectNode payload) {
    offer(context.frames.bare(type, payload, null));
  }

  private void offer(ByteBuf frame) {
    if (session.send(frame)) {
      client.systemFrames++;
    }
  }

  /// Something is wrong with the connection itself: it is told and closed.
  void fail(String oldState, String code, String message) {
    connection.write(
        context.frames.frame("connection_state_change", stateChange(oldState, "error"), null));
    connection.write(context.frames.error(code, message, false, connectionId(), null));
    context.counters.closedFailing.inc();
    end(CloseCode.SERVER_ERROR, "Server error");
  }

  ObjectNode stateChange(String oldState, String newState) {
    return SystemFrames.object()
        .put("old_state", oldState)
        .put("new_state", newState)
        .put("timestamp", context.frames.nowText())
        .put("connection_id", connectionId());
  }

  private void releaseUnlessBlocked() {
    if (!session.isBlocked()) {
      release();
    }
  }

  /// The answers are on their way: reads on.
  private void release() {
    answers = 0;
    held = false;
    resumeReading();
  }

  void resumeReading() {
    if (!held && (publisher == null || !publisher.isWaiting())) {
      connection.resumeReading();
    }
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
