package dev.millrace.gateway.wse;

import org.jspecify.annotations.Nullable;

/// `client_hello`: who the client is and what it can do. May come more than once.
final class HelloMessages {
  private static final int LONGEST_FEATURES = 1_024;

  private HelloMessages() {}

  /// Our key for the greeting of a client that asks for encryption in its address; null where there
  /// is none.
  static @Nullable String offer(WseSession session) {
    var facts = session.client().facts();
    return facts.encryption() ? CipherMessages.offer(session) : null;
  }

  static void hello(WseSession session, Inbound.Request request) {
    var context = session.context();
    context.counters.hellos.inc();
    var payload = request.payload();
    var client = session.client();
    var facts = client.facts();
    var version = payload.path("client_version");
    var features = payload.path("features");
    var said = features.isObject() ? features.toString() : ClientFacts.NO_FEATURES;
    client.facts(
        facts.withHello(
            version.isString() ? ClientInfo.shortened(version.asString()) : facts.version(),
            said.length() <= LONGEST_FEATURES ? said : ClientFacts.NO_FEATURES));
    boolean takesBatches = features.path("batch_messages").asBoolean(false);
    if (takesBatches != client.settings.takesBatches()) {
      client.settings = client.settings.withBatches(takesBatches);
      session.answers().settingsChanged();
    }
    var key = payload.path("encryption_public_key");
    if (key.isString()) {
      CipherMessages.offer(session);
      CipherMessages.accept(session, request, key.asString());
    }
    var cipher = client.cipher;
    var shown = payload.path("session_token");
    var claim = Comeback.claim(session, shown.isString() ? shown.asString() : null);
    var hello =
        context
            .terms()
            .handshake()
            .hello(session.connectionId(), cipher == null ? null : cipher.publicKey());
    var token = Comeback.token(session);
    if (token != null) {
      hello.put("session_token", token);
    }
    if (claim.shown()) {
      hello.put("session_restored", claim.kept() != null);
    }
    session.answer(request, "server_hello", hello);
    Comeback.restored(session, claim.kept());
  }
}
