package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import dev.millrace.hub.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Messages that go to others: `publish`, and every type that is the application's own.
final class PublishMessages {
  private PublishMessages() {}

  /// Publishes the payload's `payload` on its `topic`.
  static void publish(WseSession session, Inbound.Request request) {
    var counters = session.context().counters;
    counters.publishes.inc();
    var publisher = session.publisher();
    if (!publisher.mayPublish()) {
      counters.publishForbidden.inc();
      session.error(request, "FORBIDDEN", "Publishing needs the role publisher");
      return;
    }
    switch (PublishRequest.read(request, session.context().frames.now())) {
      case PublishRequest.Outcome.Wrong(var why) -> {
        counters.publishRefused.inc();
        session.error(request, "INVALID_MESSAGE", why);
      }
      case PublishRequest.Outcome.Read(var read) ->
          publisher.add(read.topic(), read.message(), request.correlationId());
    }
  }

  /// Hands a message of the application's own to the programs that listen to
  /// `client:<user_id>:messages`: who sent it, what, and the whole envelope.
  static void tell(WseSession session, Inbound.Request request) {
    var context = session.context();
    context.counters.unknown.inc();
    long now = context.frames.now();
    var facts = session.client().facts();
    var out = new ByteArrayOutputStream(2 * request.json().length + 256);
    write(out, "{\"type\":");
    out.writeBytes(Json.quoted(request.type()));
    write(out, ",\"payload\":");
    int length = request.payloadTo() - request.payloadFrom();
    if (length > 0) {
      out.write(request.json(), request.payloadFrom(), length);
    } else {
      write(out, "{}");
    }
    write(out, ",\"user_id\":");
    out.writeBytes(Json.quoted(session.userId()));
    write(out, ",\"conn_id\":");
    out.writeBytes(Json.quoted(session.connectionId()));
    write(out, ",\"timestamp\":\"" + context.frames.nowText() + "\",\"raw_message\":");
    write(out, request.envelope());
    write(out, ",\"client_version\":");
    out.writeBytes(Json.quoted(facts.version()));
    write(out, ",\"protocol_version\":" + facts.protocolVersion() + "}");
    session.tellPrograms(request);
    session.publisher().tell(Message.of(request.type(), out.toByteArray(), true, now));
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
