package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.quality.LatencyWindow;
import dev.millrace.net.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of one connection's client, and what went to and fro. What few connections have is
/// made when they first have it, because there are tens of thousands of them. Confined to the
/// connection's loop.
final class ClientState {
  private static final int MOST_WAITING = 4;

  final long connectedMillis;
  long receivedMessages;
  long receivedBytes;
  long sentBytes;
  long systemFrames; // sent, besides what the hub delivers
  int duplicates;
  int dropped; // for want of tokens
  int protocolErrors;
  int inflated; // messages that came compressed
  int notInflated; // and could not be read
  int errors; // of handlers
  boolean failing; // most of what it sends
  ConnectionSettings settings;
  @Nullable SnapshotRun snapshots; // while some are on their way
  @Nullable Belongings belongings; // where other instances may take them
  @Nullable SessionCipher cipher; // once it asked for encryption
  private final ClientName name;
  private final ClientFacts.Pool pool;
  private ClientFacts facts;
  private @Nullable LatencyWindow latencies; // once it has answered a ping
  private Map<String, SubscribeOptions> options = Map.of(); // of topics that are not plain
  private @Nullable ChannelGrants grants; // once a token opened a topic
  private Deadlines.@Nullable Deadline hello; // while it decides what the client gets back
  private int deciding; // subscriptions about which somebody is being asked
  private @Nullable List<Runnable> afterwards; // what waits for these

  ClientState(ClientInfo info, WseContext context) {
    this.name = info.name();
    this.pool = context.facts;
    this.facts = pool.same(info.facts());
    this.connectedMillis = context.frames.now();
    this.settings = context.settings(facts.compression());
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

  /// What tokens have opened for it; null if none has.
  @Nullable ChannelGrants grants() {
    return grants;
  }

  void grants(ChannelGrants first) {
    grants = first;
  }

  /// What it had may come back with its hello; [#stopAwaitingHello] must follow.
  void awaitsHello(Deadlines.Deadline latest) {
    hello = latest;
  }

  /// Returns whether its hello was waited for.
  boolean stopAwaitingHello() {
    var awaited = hello;
    hello = null;
    if (awaited != null) {
      awaited.clear();
    }
    return awaited != null;
  }

  /// Somebody is asked whether it may have topics; [#decided] must follow.
  void decides() {
    deciding++;
  }

  void decided() {
    deciding--;
    var due = afterwards;
    if (deciding == 0 && due != null) {
      afterwards = null;
      due.forEach(Runnable::run);
    }
  }

  /// Runs `work` once it has the topics that it asked for before; at once, if too much waits for
  /// that.
  void whenDecided(Runnable work) {
    var waiting = afterwards;
    if (deciding == 0 || (waiting != null && waiting.size() >= MOST_WAITING)) {
      work.run();
      return;
    }
    if (waiting == null) {
      waiting = new ArrayList<>(1);
      afterwards = waiting;
    }
    waiting.add(work);
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
