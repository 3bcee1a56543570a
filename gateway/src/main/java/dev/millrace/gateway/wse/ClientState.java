package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.quality.LatencyWindow;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of one connection's client, and what went to and fro. What few connections have is
/// made when they first have it, because there are tens of thousands of them. Confined to the
/// connection's loop.
final class ClientState {
  final long connectedMillis;
  long receivedMessages;
  long receivedBytes;
  long sentBytes;
  long systemFrames; // sent, besides what the hub delivers
  int duplicates;
  int dropped; // for want of tokens
  int protocolErrors;
  int errors; // of handlers
  ConnectionSettings settings;
  @Nullable SnapshotRun snapshots; // while some are on their way
  @Nullable SessionCipher cipher; // once it asked for encryption
  private final ClientName name;
  private final ClientFacts.Pool pool;
  private ClientFacts facts;
  private @Nullable LatencyWindow latencies; // once it has answered a ping
  private Map<String, SubscribeOptions> options = Map.of(); // of topics that are not plain

  ClientState(ClientInfo info, ClientFacts.Pool pool, long nowMillis) {
    this.name = info.name();
    this.pool = pool;
    this.facts = pool.same(info.facts());
    this.connectedMillis = nowMillis;
    this.settings =
        facts.compression() ? ConnectionSettings.DEFAULT : ConnectionSettings.UNCOMPRESSED;
  }

  ClientName name() {
    return name;
  }

  ClientFacts facts() {
    return facts;
  }

  void facts(ClientFacts newFacts) {
    facts = pool.same(newFacts);
  }

  @Nullable LatencyWindow latencies() {
    return latencies;
  }

  void addLatency(long millis) {
    latencies = latencies == null ? new LatencyWindow() : latencies;
    latencies.add(millis);
  }

  Map<String, SubscribeOptions> options() {
    return options;
  }

  /// Remembers what a topic was subscribed with, if that is anything.
  void options(String topic, SubscribeOptions given) {
    if (!given.equals(SubscribeOptions.PLAIN)) {
      options = options.isEmpty() ? new HashMap<>(4) : options;
      options.put(topic, given);
    } else if (!options.isEmpty()) {
      options.remove(topic);
    }
  }
}
