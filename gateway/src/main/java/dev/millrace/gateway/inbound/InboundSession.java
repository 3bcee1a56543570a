package dev.millrace.gateway.inbound;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.route.Principal;
import dev.millrace.gateway.acl.Action;
import dev.millrace.gateway.acl.Caller;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.session.Listed;
import dev.millrace.gateway.session.SessionKind;
import dev.millrace.gateway.session.SessionView;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.net.Deadlines.Deadline;
import dev.millrace.net.Loop;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// One program behind this server. Every frame of it is answered, with its `id` as `cid`: a drain
/// by a `batch`, anything else by `ok` or `error`. Confined to the connection's loop.
final class InboundSession implements WebSocketListener, InboundQueue.Waiter, Listed {
  private static final String KIND = "program";

  /// A batch is ended by this many bytes; most WebSocket clients take messages of up to 1 MiB.
  private static final int BATCH_BYTES = 256 << 10;

  /// What envelope and names add to a payload at most, with room to spare.
  private static final int ENVELOPE_BYTES = 8 << 10;

  private final InboundEndpoint endpoint;
  private final WebSocketConnection connection;
  private final LeaseWatch.Watched watched;
  private final Deadline patience;
  private final String id = SessionKind.INBOUND.newId();
  private final long connectedMillis;
  private long messages;
  private long bytes;
  private long answers;
  private long answerBytes;
  private InboundRequest.@Nullable Drain draining; // that waits for a message

  InboundSession(InboundEndpoint endpoint, WebSocketConnection connection, Lease lease) {
    this.endpoint = endpoint;
    this.connection = connection;
    this.connectedMillis = endpoint.parts().clock().epochMillis();
    this.watched = endpoint.parts().leases().watch(connection.loop(), lease, this::leaseEnded);
    this.patience = connection.loop().deadlines().create(this::drainEnded);
    endpoint.entered(this);
  }

  /// The server stops. From any thread.
  void restartSoon() {
    connection.loop().execute(() -> connection.close(CloseCode.RESTART, "Server restarting"));
  }

  private void leaseEnded(Lease.End end) {
    var name = watched.lease().principal().name();
    endpoint.parts().kills().killed(KIND, name, Kills.UNAUTHORIZED, end.reason());
    connection.close(end.closeCode(), end.reason());
  }

  @Override
  public void closed(int code, String reason) {
    watched.forget();
    patience.clear();
    draining = null;
    endpoint.queue().forget(this);
    endpoint.left(this);
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    messages++;
    bytes += payload.readableBytes();
    var request =
        InboundRequest.read(ByteBufUtil.getBytes(payload), endpoint.parts().clock().epochMillis());
    switch (request) {
      case InboundRequest.Drain drain -> drain(drain);
      case InboundRequest.Reply reply -> reply(reply);
      case InboundRequest.Publish publish -> publish(publish);
      case InboundRequest.Unreadable(var id, var why) -> {
        endpoint.parts().metrics().counter(InboundMetric.INVALID).inc();
        error(id, "INVALID_MESSAGE", why);
      }
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

  // Draining.

  private void drain(InboundRequest.Drain drain) {
    if (draining != null) {
      error(drain.id(), "ALREADY_DRAINING", "another drain of this connection still waits");
      return;
    }
    var taken = take(drain);
    if (!taken.isEmpty() || drain.timeoutMillis() == 0) {
      batch(drain, taken);
      return;
    }
    draining = drain;
    patience.set(Duration.ofMillis(drain.timeoutMillis()));
    endpoint.queue().await(this);
  }

  @Override
  public void wake() {
    connection.loop().execute(this::woken);
  }

  private void woken() {
    var drain = draining;
    if (drain == null || !connection.isOpen()) {
      endpoint.queue().forget(this); // somebody else is woken in its place
      return;
    }
    var taken = take(drain);
    if (taken.isEmpty()) {
      endpoint.queue().await(this); // another program was quicker
      return;
    }
    draining = null;
    patience.clear();
    batch(drain, taken);
    settle();
  }

  private void drainEnded() {
    var drain = draining;
    if (drain != null) {
      draining = null;
      endpoint.queue().forget(this);
      batch(drain, List.of());
      settle();
    }
  }

  private List<ClientMessage> take(InboundRequest.Drain drain) {
    return endpoint.queue().take(drain.max(), BATCH_BYTES);
  }

  private void batch(InboundRequest.Drain drain, List<ClientMessage> taken) {
    var queue = endpoint.queue();
    var allocator = connection.loop().allocator();
    var frame = BatchFrame.of(allocator, drain.id(), taken, queue.waiting(), queue.dropped());
    answers++;
    answerBytes += frame.readableBytes();
    connection.write(frame);
  }

  // Answering and publishing.

  private void reply(InboundRequest.Reply reply) {
    var message = reply.message();
    if (message.payload().length + ENVELOPE_BYTES > endpoint.hub().maxMessageBytes()) {
      tooLarge(reply.id(), "a reply of " + message.payload().length + " bytes is too large");
      return;
    }
    var known = endpoint.queue().respondents();
    var respondents =
        reply.connection() != null
            ? known.find(reply.connection()).stream().toList()
            : known.of(String.valueOf(reply.user()));
    respondents.forEach(respondent -> respondent.respond(message));
    endpoint.parts().metrics().counter(InboundMetric.REPLIES).inc(respondents.size());
    var delivered = Json.mapper().createObjectNode().put("delivered", respondents.size());
    answer("ok", reply.id(), delivered);
  }

  private void publish(InboundRequest.Publish publish) {
    var topics = endpoint.parts().topics();
    var caller = Caller.of(watched.lease().principal());
    var known = topics.known(caller, Action.PUBLISH, publish.topic());
    if (known != null) {
      publish(publish, known);
      return;
    }
    connection.pauseReading(); // so that later frames do not overtake this one
    topics.decide(
        caller,
        Action.PUBLISH,
        List.of(publish.topic()),
        connection.loop(),
        decision -> {
          publish(publish, decision.refused().isEmpty());
          connection.resumeReading();
          settle();
        });
  }

  private void publish(InboundRequest.Publish publish, boolean granted) {
    if (!granted) {
      error(publish.id(), "FORBIDDEN", "publishing to this topic is not allowed");
      return;
    }
    switch (endpoint.hub().publish(publish.topic(), List.of(publish.message()))) {
      case PublishOutcome.Accepted(int count) ->
          answer("ok", publish.id(), Json.mapper().createObjectNode().put("accepted", count));
      case PublishOutcome.Refused(var problem) -> refused(publish.id(), problem);
      case PublishOutcome.Full() ->
          error(publish.id(), "INBOX_FULL", "the topic's inbox is full; try again in a second");
    }
  }

  private void refused(@Nullable String id, Problem problem) {
    if (problem.code().equals("E_MESSAGE_TOO_LARGE")) {
      tooLarge(id, problem.what());
    } else {
      error(id, problem.code().substring("E_".length()), problem.what());
    }
  }

  // Sending.

  private void tooLarge(@Nullable String id, String why) {
    answer(
        "error",
        id,
        Json.mapper()
            .createObjectNode()
            .put("code", "MESSAGE_TOO_LARGE")
            .put("message", why)
            .put("max_size", endpoint.hub().maxMessageBytes()));
  }

  private void error(@Nullable String id, String code, String why) {
    answer("error", id, Json.mapper().createObjectNode().put("code", code).put("message", why));
  }

  private void answer(String word, @Nullable String id, ObjectNode payload) {
    var frame = Json.mapper().createObjectNode().put("t", word);
    if (id != null) {
      frame.put("cid", id);
    }
    frame.set("p", payload);
    var text = Json.bytes(frame);
    answers++;
    answerBytes += text.length;
    connection.sendText(new String(text, StandardCharsets.UTF_8));
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
    return List.of();
  }

  @Override
  public SessionView view() {
    var caller = watched.lease().principal();
    long age = endpoint.parts().clock().epochMillis() - connectedMillis;
    return new SessionView(
        id,
        SessionKind.INBOUND,
        caller.kind() == Principal.Kind.ANONYMOUS ? null : caller.name(),
        SessionView.CONNECTED,
        0,
        0,
        Math.max(0, age / 1_000),
        answers,
        answerBytes,
        messages,
        bytes,
        0,
        null,
        null);
  }

  @Override
  public void kicked(int code, String reason) {
    endpoint.parts().kills().killed(KIND, id, Kills.KICKED, reason);
    connection.close(code, reason);
  }

  /// Sends the answers; while they do not leave, nothing more is read.
  private void settle() {
    connection.flush();
    if (connection.unfinished() > 0) {
      connection.pauseReading();
    }
  }
}
