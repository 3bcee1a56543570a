package dev.millrace.control.command;

import dev.millrace.control.audit.AuditEvent;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.RouteContribution;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.wse.crypto.ChannelTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /api/v1/tokens/channel`: makes a token that lets a user follow a topic which the rules
/// refuse. It is no command, so that a token never passes through an operators' socket, and is in
/// the audit trail like one: who made it for whom, not the token. Handlers run on virtual threads.
public final class ChannelTokenRoutes implements RouteContribution {
  private static final String PATH = "/api/v1/tokens/channel";
  private static final String COMMAND = "channel_token";
  private static final int LONGEST_NAME = 256;

  private final Supplier<Optional<ChannelTokens>> tokens;
  private final AuditTrail audit;
  private final Veil veil;

  /// `tokens` is with the keys of the moment; `mask` takes known secrets out of a text.
  public ChannelTokenRoutes(
      Supplier<Optional<ChannelTokens>> tokens, AuditTrail audit, UnaryOperator<String> mask) {
    this.tokens = tokens;
    this.audit = audit;
    this.veil = new Veil(mask);
  }

  @Override
  public List<Route> routes() {
    return List.of(
        new Route(
            "POST",
            PATH,
            Surface.ADMIN,
            Route.Access.OPERATOR,
            Route.Docs.of(
                    "Makes a token that lets a user of /wse follow a topic, or what a pattern"
                        + " matches, which the rules refuse. The client shows it in `tokens` of its"
                        + " subscription.")
                .takes("{\"topic\":\"orders.42\",\"user\":\"alice\",\"seconds\":600}")
                .answers(
                    "{\"token\":\"gAAAAAB…\",\"topic\":\"orders.42\",\"user\":\"alice\","
                        + "\"expires_at\":\"2026-03-01T09:10:00Z\"}")
                .fails(400, "BAD_JSON", "the body is no JSON object")
                .fails(404, "NOT_FOUND", "hub.channel_tokens has no key")
                .fails(422, "VALIDATION_FAILED", "a member is wrong; details.field names it"),
            this::mint));
  }

  private Response mint(Request request) {
    var known = tokens.get();
    if (known.isEmpty()) {
      return Response.failure(
          404, "NOT_FOUND", "this server makes no channel tokens: hub.channel_tokens has no key");
    }
    if (Json.kindOf(request.body()) != Json.Kind.OBJECT) {
      return Response.failure(400, "BAD_JSON", "the body must be a JSON object");
    }
    var body = (ObjectNode) Json.tree(request.body());
    long most = known.get().validity().toSeconds();
    var topic = name(body.path("topic"));
    var user = name(body.path("user"));
    long seconds = seconds(body.path("seconds"), most);
    if (topic == null) {
      return refused(request, body, "topic", "topic is a topic or a pattern, as a text");
    }
    if (user == null) {
      return refused(request, body, "user", "user is the name of a user, as a text");
    }
    if (seconds == 0) {
      return refused(
          request,
          body,
          "seconds",
          "seconds is a whole number from 1 to " + most + ", hub.channel_tokens.validity");
    }
    var token = known.get().mint(user, topic, Duration.ofSeconds(seconds));
    var expires =
        known
            .get()
            .read(token)
            .map(grant -> Instant.ofEpochMilli(grant.expiresMillis()).toString())
            .orElseThrow(() -> new IllegalStateException("a token of ours cannot be read"));
    var outcome = Json.mapper().createObjectNode().put("user", user).put("expires_at", expires);
    record(request, body, topic, null, outcome);
    return Response.json(
        200,
        Json.mapper()
            .createObjectNode()
            .put("token", token)
            .put("topic", topic)
            .put("user", user)
            .put("expires_at", expires));
  }

  private Response refused(Request request, ObjectNode body, String field, String message) {
    record(request, body, null, "VALIDATION_FAILED: " + message, Json.mapper().createObjectNode());
    var details = Json.mapper().createObjectNode().put("field", field);
    return Response.failure(422, "VALIDATION_FAILED", message, details);
  }

  private void record(
      Request request,
      ObjectNode body,
      @Nullable String topic,
      @Nullable String error,
      ObjectNode outcome) {
    var caller = request.principal();
    var role = caller.role();
    var event =
        new AuditEvent(
            CommandCall.Origin.REST.label(),
            COMMAND,
            veil.over(topic),
            veil.over(body),
            error == null,
            error == null,
            error,
            caller.name(),
            role == null ? null : role.label(),
            request.remoteAddress(),
            request.id());
    var _ = audit.record(event.with(veil.over(outcome)));
  }

  private static @Nullable String name(JsonNode value) {
    boolean named =
        value.isString()
            && !value.asString().isBlank()
            && value.asString().length() <= LONGEST_NAME;
    return named ? value.asString() : null;
  }

  /// 0 for what is no such number.
  private static long seconds(JsonNode value, long most) {
    if (value.isMissingNode() || value.isNull()) {
      return most;
    }
    boolean whole = value.isIntegralNumber() && value.canConvertToLong();
    return whole && value.asLong() >= 1 && value.asLong() <= most ? value.asLong() : 0;
  }
}
