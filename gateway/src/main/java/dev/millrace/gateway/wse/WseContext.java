package dev.millrace.gateway.wse;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.inbound.InboundSink;
import dev.millrace.gateway.wse.restore.RestoreStore;
import dev.millrace.hub.ClientSpec;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubSpec;
import dev.millrace.hub.HubStats;
import dev.millrace.net.websocket.WebSocketLimits;
import java.util.concurrent.atomic.AtomicInteger;

/// What all connections of the dialect have in common. Safe from any thread.
final class WseContext {
  /// Statistics look at every topic, and clients may ask for them as often as they like.
  private static final long STATS_NANOS = 1_000_000_000L;

  final Hub hub;
  final Clock clock;
  final WseCounters counters;
  final SystemFrames frames;
  final LeaseWatch leases;
  final Kills kills;
  final TopicAccess topics;
  final InboundSink inbound;
  final WseExtensions extensions;
  final ClientFacts.Pool facts = new ClientFacts.Pool();
  final RestoreStore<KeptSubscriptions> restore = new RestoreStore<>();
  final UserConnections users = new UserConnections();
  final AtomicInteger connections = new AtomicInteger(); // loops add and take away
  final AtomicInteger encrypted = new AtomicInteger(); // likewise
  final long startedNanos;
  private final String serverVersion;
  private volatile Terms terms; // written by apply
  private volatile boolean closing; // written once
  private volatile Stats stats; // written by whoever finds it old

  /// What a reload may change.
  record Terms(HubSpec spec, WebSocketLimits limits, Handshake handshake) {
    ClientSpec clients() {
      return spec.clients();
    }
  }

  private record Stats(HubStats numbers, long readNanos) {}

  WseContext(
      Hub hub,
      WseDialect.Surroundings around,
      WseExtensions extensions,
      HubSpec spec,
      WebSocketLimits limits,
      Clock clock,
      WseCounters counters) {
    this.hub = hub;
    this.clock = clock;
    this.counters = counters;
    this.frames = SystemFrames.of(clock);
    this.leases = around.leases();
    this.kills = around.kills();
    this.topics = around.topics();
    this.inbound = around.inbound();
    this.extensions = extensions;
    this.serverVersion = around.serverVersion();
    this.startedNanos = clock.nanoTime();
    this.stats = new Stats(hub.stats(), startedNanos);
    this.terms = terms(spec, limits);
  }

  void apply(HubSpec spec, WebSocketLimits limits) {
    terms = terms(spec, limits);
  }

  private Terms terms(HubSpec spec, WebSocketLimits limits) {
    return new Terms(
        spec, limits, new Handshake(spec, frames, serverVersion, extensions.features()));
  }

  Terms terms() {
    return terms;
  }

  HubSpec spec() {
    return terms.spec;
  }

  ClientSpec clients() {
    return terms.clients();
  }

  /// Statistics that are at most a second old.
  HubStats stats() {
    long now = clock.nanoTime();
    var known = stats;
    if (now - known.readNanos < STATS_NANOS) {
      return known.numbers;
    }
    var fresh = hub.stats();
    stats = new Stats(fresh, now);
    return fresh;
  }

  /// Whether the server is stopping, so that whoever still comes is sent away.
  boolean isClosing() {
    return closing;
  }

  void close() {
    closing = true;
  }
}
