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
    return facts.encryption() ? CipherMessages.offer(session, facts.signing()) : null;
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
    var key = payload.path("encryption_public_key");
    if (key.isString()) {
      CipherMessages.offer(session, facts.signing());
      CipherMessages.accept(session, request, key.asString());
    }
    var cipher = client.cipher;
    session.answer(
        request,
        "server_hello",
        context
            .terms()
            .handshake()
            .hello(session.connectionId(), cipher == null ? null : cipher.publicKey()));
  }
}
