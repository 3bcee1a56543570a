package dev.millrace.connect.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// Connects with Lettuce. When to connect again is the broker's to decide: a client that did so by
/// itself would keep commands back meanwhile and send them late.
final class LettuceDialer implements Link.Dialer {
  private static final int THREADS = 2; // of each kind; the least that Lettuce takes

  private final ClusterSpec spec;
  private final String instance;
  private final RedisURI address;
  private final ClientResources resources;
  private final RedisClient client;

  /// `instance` is the id of this one.
  ///
  /// @throws IllegalArgumentException if there is no address
  LettuceDialer(ClusterSpec spec, String instance) {
    var url = spec.redis().url();
    if (url == null || url.isEmpty()) {
      throw new IllegalArgumentException("the broker needs cluster.redis.url");
    }
    this.instance = instance;
    this.spec = spec;
    this.address = RedisURI.create(url);
    address.setTimeout(spec.redis().connectTimeout()); // of the handshake; commands have their own
    this.resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(THREADS)
            .computationThreadPoolSize(THREADS)
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .build();
    this.client = RedisClient.create(resources, address);
    client.setOptions(
        ClientOptions.builder()
            .autoReconnect(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .maintNotificationsConfig(MaintNotificationsConfig.disabled())
            .socketOptions(
                SocketOptions.builder()
                    .connectTimeout(spec.redis().connectTimeout())
                    .keepAlive(true)
                    .tcpNoDelay(true)
                    .build())
            .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
            .build());
  }

  @Override
  public CompletionStage<Link> dial(Link.Receiver receiver) {
    return client
        .connectPubSubAsync(ByteArrayCodec.INSTANCE, address)
        .thenCompose(bus -> subscribed(bus, receiver));
  }

  private CompletionStage<Link> subscribed(
      StatefulRedisPubSubConnection<byte[], byte[]> bus, Link.Receiver receiver) {
    bus.addListener(new Ear(receiver));
    var made =
        bus.async()
            .subscribe(
                LettuceLink.utf8(Channels.PRESENCE), LettuceLink.utf8(Channels.INSTANCE + instance))
            .thenCompose(subscribed -> client.connectAsync(ByteArrayCodec.INSTANCE, address))
            .thenCompose(commands -> LettuceLink.open(commands, bus, receiver, spec))
            .toCompletableFuture()
            .orTimeout(spec.redis().connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
    return made.whenComplete(
        (link, failure) -> {
          if (failure != null) {
            var _ = bus.closeAsync();
          }
        });
  }

  @Override
  public void close() {
    client.shutdown(0, 2, TimeUnit.SECONDS);
    resources.shutdown(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
