package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.crypto.KeyDerivation;
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
        forget(session);
        session.answers().keysChanged();
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
    session.answer(request, "key_rotation_response", rotated(session, cipher));
  }

  /// Offers the client another key if the last one is old enough.
  static void rotateIfDue(WseSession session) {
    var cipher = session.client().cipher;
    var every = session.context().spec().encryption().rotateEvery();
    if (cipher != null && cipher.isDueForRotation(every)) {
      session.notice("key_rotation_response", rotated(session, cipher));
    }
  }

  private static ObjectNode rotated(WseSession session, SessionCipher cipher) {
    session.chargeForKey();
    return SystemFrames.object()
        .put("success", true)
        .put("new_public_key", cipher.rotate())
        .put("timestamp", session.context().frames.nowText());
  }

  /// Our key for the connection, which gets a cipher if it has none; null where the server does not
  /// encrypt.
  static @Nullable String offer(WseSession session) {
    var client = session.client();
    var context = session.context();
    if (client.cipher == null && context.encrypts()) {
      session.chargeForKey();
      var preferred = KeyDerivation.of(context.spec().encryption().derivation());
      client.cipher = new SessionCipher(preferred, context.clock);
      context.encrypted.incrementAndGet();
    }
    return client.cipher == null ? null : client.cipher.publicKey();
  }

  /// Takes the client's key, if there is a cipher to take it; the client is told if it is no good.
  /// Returns false if it was not.
  static boolean accept(WseSession session, Inbound.Request request, String key) {
    var cipher = session.client().cipher;
    if (cipher == null) {
      return true;
    }
    session.chargeForKey();
    var objection = cipher.accept(key);
    session.answers().keysChanged();
    if (objection != null) {
      session.error(request, "KEY_EXCHANGE_FAILED", objection);
    }
    return objection == null;
  }

  /// Ends the encryption of a connection, if it has any.
  static void forget(WseSession session) {
    var cipher = session.client().cipher;
    if (cipher != null) {
      session.client().cipher = null;
      session.context().encrypted.decrementAndGet();
      cipher.close();
    }
  }

  private static void enable(WseSession session, Inbound.Request request, ObjectNode payload) {
    var ours = offer(session);
    if (ours == null) {
      session.answer(
          request,
          "encryption_response",
          SystemFrames.object()
              .put("enabled", false)
              .put("message", "This server does not encrypt; use wss:// for a private channel"));
      return;
    }
    if (payload.path("signing").asBoolean(false) && !session.client().facts().signing()) {
      session.client().facts(session.client().facts().withSigning());
      session.answers().settingsChanged();
    }
    var key = payload.path("public_key");
    if (key.isString() && !accept(session, request, key.asString())) {
      return;
    }
    var answer = SystemFrames.object().put("enabled", true).put("public_key", ours);
    answer
        .putObject("algorithms")
        .put("encryption", "AES-GCM-256")
        .put("signing", "HMAC-SHA256")
        .put("key_exchange", "ECDH-P256");
    // Plain even now: the client cannot open anything before it has this key.
    session
        .answers()
        .handshake(
            session.context().frames.frame("encryption_response", answer, request.correlationId()));
  }
}
