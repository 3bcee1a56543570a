package dev.millrace.gateway.wse;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.acl.TopicAccess;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.gateway.inbound.InboundSink;
import dev.millrace.gateway.wse.codec.CompressedForm;
import dev.millrace.gateway.wse.codec.CompressionThreads;
import dev.millrace.gateway.wse.codec.MessagePackForm;
import dev.millrace.gateway.wse.crypto.ChannelTokens;
import dev.millrace.gateway.wse.crypto.SessionTokens;
import dev.millrace.gateway.wse.restore.RestoreStore;
import dev.millrace.hub.ClientSpec;
import dev.millrace.hub.CompressionSpec;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubSpec;
import dev.millrace.hub.HubStats;
import dev.millrace.hub.Message;
import dev.millrace.hub.WireForm;
import dev.millrace.net.websocket.WebSocketLimits;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

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
  final Subscriptions subscriptions;
  final ClientFacts.Pool facts = new ClientFacts.Pool();
  final RestoreStore<KeptSubscriptions> restore = new RestoreStore<>();
  final RestoreStore<KeptSubscriptions> restoreOfStrangers = new RestoreStore<>(); // by token
  final SecureRandom random = new SecureRandom();
  final Signing signing;
  final UserConnections users = new UserConnections();
  final AtomicInteger connections = new AtomicInteger(); // loops add and take away
  final AtomicInteger encrypted = new AtomicInteger(); // likewise
  final long startedNanos;
  private final String serverVersion;
  private final CompressionSpec compression;
  private final CompressionThreads threads;
  private final CompressedForm compressed;
  private final MessagePackForm packed;
  private final ConnectionSettings compressing;
  private final ConnectionSettings notCompressing;
  private volatile Terms terms; // written by apply
  private volatile boolean closing; // written once
  private volatile Stats stats; // written by whoever finds it old

  /// What a reload may change. `sessions` and `channels` are null where there are no such tokens.
  record Terms(
      HubSpec spec,
      WebSocketLimits limits,
      Handshake handshake,
      @Nullable SessionTokens sessions,
      @Nullable ChannelTokens channels) {
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
    this.signing = new Signing(spec.signing(), random);
    this.frames = SystemFrames.of(clock, signing);
    this.leases = around.leases();
    this.kills = around.kills();
    this.topics = around.topics();
    this.inbound = around.inbound();
    this.extensions = extensions;
    this.subscriptions = new Subscriptions(hub, around.topics());
    this.serverVersion = around.serverVersion();
    this.startedNanos = clock.nanoTime();
    this.compression = spec.compression();
    this.threads =
        new CompressionThreads(
            compression.backgroundThreads(),
            compression.backgroundAbove().toIntExact(),
            compression.backgroundBytes().bytes());
    this.compressed =
        new CompressedForm(
            WseEnvelope.INSTANCE, compression.level(), compression.threshold(), threads);
    this.packed = new MessagePackForm(WseEnvelope.INSTANCE, Handshake.MAX_MESSAGE);
    this.compressing = ConnectionSettings.first(true, compression.threshold());
    this.notCompressing = compressing.withCompression(false);
    this.stats = new Stats(hub.stats(), startedNanos);
    this.terms = terms(spec, limits);
  }

  void apply(HubSpec spec, WebSocketLimits limits) {
    signing.apply(spec.signing());
    terms = terms(spec, limits);
  }

  private Terms terms(HubSpec spec, WebSocketLimits limits) {
    return new Terms(
        spec,
        limits,
        new Handshake(spec, frames, serverVersion, features(spec)),
        SessionTokens.of(spec.sessionTokens(), random).orElse(null),
        ChannelTokens.of(spec.channelTokens(), clock, random).orElse(null));
  }

  private WseFeatures features(HubSpec spec) {
    return extensions
        .features()
        .withRecovery(hub.keepsMessages())
        .withFramings(spec.encryption().enabled());
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

  // What frames look like.

  /// The form in which the hub has the frames of a client. Whoever gets frames of its own starts
  /// from plain ones.
  WireChoice laneOf(ClientFacts client) {
    if (isPersonal(client)) {
      return WireChoice.PLAIN;
    }
    if (client.msgpack()) {
      return WireChoice.PACKED;
    }
    return client.compression() ? WireChoice.COMPRESSED : WireChoice.PLAIN;
  }

  WireForm form(WireChoice lane) {
    return switch (lane) {
      case PLAIN -> WseEnvelope.INSTANCE;
      case COMPRESSED -> compressed;
      case PACKED -> packed;
    };
  }

  /// Whether no frame of a client can be another's, as far as its address says so.
  boolean isPersonal(ClientFacts client) {
    return numbers() || client.signing() || (client.encryption() && encrypts());
  }

  /// A message for one client, signed if its type is for everybody.
  Message signed(Message message) {
    return signing.finish(message, clock.epochMillis());
  }

  boolean numbers() {
    return clients().seq() == ClientSpec.Numbering.PER_CONNECTION;
  }

  boolean encrypts() {
    return spec().encryption().enabled();
  }

  /// Milliseconds after which a frame goes out with a fresh timestamp.
  long staleMillis() {
    return spec().delivery().staleAfter().toMillis();
  }

  /// As the shared frames are compressed.
  CompressionSpec compression() {
    return compression;
  }

  ConnectionSettings settings(boolean compresses) {
    return compresses ? compressing : notCompressing;
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
    threads.close();
    compressed.close();
  }
}
