package dev.millrace.gateway.wse;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// `encryption_request` and `key_rotation_request`: a client switches the sealing of its frames on
/// and off and has keys renewed.
final class CipherMessages {
  private CipherMessages() {}

  static void encryption(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var payload = request.payload();
    switch (payload.path("action").asString("status")) {
      case "enable" -> enable(session, request, payload);
      case "disable" -> {
        close(session);
        session.answer(request, "encryption_response", SystemFrames.object().put("enabled", false));
      }
      case "status" ->
          session.answer(request, "encryption_response", SessionReport.security(session));
      case String other ->
          session.error(
              request, "INVALID_ACTION", "Invalid encryption action: " + Intake.shortened(other));
    }
  }

  static void rotation(WseSession session, Inbound.Request request) {
    session.context().counters.requests.inc();
    var cipher = session.client().cipher;
    if (cipher == null) {
      session.error(request, "ENCRYPTION_REQUIRED", "Encryption not enabled");
      return;
    }
    session.answer(
        request,
        "key_rotation_response",
        SystemFrames.object()
            .put("success", true)
            .put("new_public_key", cipher.rotate())
            .put("timestamp", session.context().frames.nowText()));
  }

  /// The connection's cipher, made if there is none; null where the server does not encrypt.
  static @Nullable SessionCipher open(WseSession session, boolean signing) {
    var client = session.client();
    if (client.cipher == null) {
      var context = session.context();
      var ask = new SessionCipher.Ask(session.connectionId(), session.userId(), signing);
      var made = context.extensions.ciphers().open(ask).orElse(null);
      if (made != null) {
        client.cipher = made;
        context.encrypted.incrementAndGet();
      }
    }
    return client.cipher;
  }

  /// Ends the encryption of a connection, if it has any.
  static void close(WseSession session) {
    var cipher = session.client().cipher;
    if (cipher != null) {
      session.client().cipher = null;
      session.context().encrypted.decrementAndGet();
      cipher.close();
    }
  }

  private static void enable(WseSession session, Inbound.Request request, ObjectNode payload) {
    var cipher = open(session, payload.path("signing").asBoolean(false));
    if (cipher == null) {
      session.answer(
          request,
          "encryption_response",
          SystemFrames.object()
              .put("enabled", false)
              .put("message", "This server does not encrypt; use wss:// for a private channel"));
      return;
    }
    var key = payload.path("public_key");
    var objection = key.isString() ? cipher.accept(key.asString()) : null;
    if (objection != null) {
      session.error(request, "KEY_EXCHANGE_FAILED", objection);
      return;
    }
    var answer = SystemFrames.object().put("enabled", true).put("public_key", cipher.publicKey());
    answer
        .putObject("algorithms")
        .put("encryption", "AES-GCM-256")
        .put("signing", "HMAC-SHA256")
        .put("key_exchange", "ECDH-P256");
    session.answer(request, "encryption_response", answer);
  }
}
