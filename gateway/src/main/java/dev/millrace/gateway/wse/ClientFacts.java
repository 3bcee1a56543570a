package dev.millrace.gateway.wse;

import java.util.concurrent.ConcurrentHashMap;

/// What a client says of itself and thousands of others say too, so that connections share it:
/// versions, what it wants, and the JSON text of the features of its hello.
record ClientFacts(
    String version,
    int protocolVersion,
    boolean compression,
    boolean encryption,
    boolean signing,
    boolean msgpack,
    String features) {
  static final String NO_FEATURES = "{}";

  ClientFacts withHello(String newVersion, String newFeatures) {
    return new ClientFacts(
        newVersion, protocolVersion, compression, encryption, signing, msgpack, newFeatures);
  }

  ClientFacts withSigning() {
    return new ClientFacts(
        version, protocolVersion, compression, encryption, true, msgpack, features);
  }

  /// Makes equal facts the same object. Bounded: what comes when it is full is not shared. Safe
  /// from any thread.
  static final class Pool {
    private static final int MOST = 1_024;

    private final ConcurrentHashMap<ClientFacts, ClientFacts> known = new ConcurrentHashMap<>();

    ClientFacts same(ClientFacts facts) {
      var other = known.get(facts);
      if (other != null) {
        return other;
      }
      if (known.size() < MOST) {
        known.put(facts, facts);
      }
      return facts;
    }
  }
}
