package dev.millrace.connect.redis;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Two connections of Lettuce, one for commands and one that is subscribed; the end of either is
/// the end of both.
final class LettuceLink implements Link {
  private static final Logger log = LoggerFactory.getLogger(LettuceLink.class);

  /// Ids per topic by which Redis knows a message it has: as many as a hub remembers.
  private static final int KNOWN_IDS = 5_000;

  private static final long LETTERS = 1_000;
  private static final Duration LETTERS_KEPT = Duration.ofDays(7);
  private static final byte[] FIELD = utf8("d");

  /// One step for Redis, so that offsets are contiguous and a message is there once: takes the next
  /// offset, appends under it, and tells those who listen. A stream id is its offset. Without a
  /// position (a new topic, one that expired, an empty Redis) a new epoch begins.
  private static final String APPEND =
      """
      local epoch = redis.call('HGET', KEYS[2], 'epoch')
      if not epoch then
        epoch = ARGV[1]
        redis.call('DEL', KEYS[1], KEYS[3])
        redis.call('HSET', KEYS[2], 'epoch', epoch, 'offset', 0)
      end
      if redis.call('ZSCORE', KEYS[3], ARGV[6]) then
        return 0
      end
      local offset = redis.call('HINCRBY', KEYS[2], 'offset', 1)
      redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], offset .. '-0', 'd', ARGV[7])
      redis.call('ZADD', KEYS[3], offset, ARGV[6])
      redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - ARGV[3])
      for i = 1, 3 do
        redis.call('EXPIRE', KEYS[i], ARGV[4])
      end
      redis.call('PUBLISH', ARGV[5], epoch .. ' ' .. offset .. ' ' .. ARGV[7])
      return 1
      """;

  private static final SecureRandom EPOCHS = new SecureRandom();

  private final StatefulRedisConnection<byte[], byte[]> commands;
  private final StatefulRedisPubSubConnection<byte[], byte[]> bus;
  private final RedisAsyncCommands<byte[], byte[]> redis;
  private final String script;
  private final LeftScripts left;
  private final byte[] maxLength;
  private final byte[] maxAge;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean closed; // written by close, from any thread

  private LettuceLink(
      StatefulRedisConnection<byte[], byte[]> commands,
      StatefulRedisPubSubConnection<byte[], byte[]> bus,
      String script,
      ClusterSpec.BrokerSpec spec) {
    this.commands = commands;
    this.bus = bus;
    this.redis = commands.async();
    this.script = script;
    this.left = new LeftScripts(redis, commands::flushCommands);
    this.maxLength = utf8(Integer.toString(spec.streamMaxLength()));
    this.maxAge = utf8(Long.toString(spec.streamMaxAge().toSeconds()));
  }

  static CompletionStage<Link> open(
      StatefulRedisConnection<byte[], byte[]> commands,
      StatefulRedisPubSubConnection<byte[], byte[]> bus,
      Receiver receiver,
      ClusterSpec spec) {
    return new LeftScripts(commands.async(), () -> {})
        .load()
        .thenCompose(loaded -> commands.async().scriptLoad(APPEND))
        .<Link>thenApply(
            script -> {
              var link = new LettuceLink(commands, bus, script, spec.broker());
              commands.setAutoFlushCommands(false);
              link.watch(receiver);
              return link;
            })
        .toCompletableFuture()
        .orTimeout(spec.redis().connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (link, failure) -> {
              if (failure != null) {
                var _ = commands.closeAsync();
              }
            });
  }

  private void watch(Receiver receiver) {
    var listener =
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
            close();
            if (ended.compareAndSet(false, true)) {
              receiver.ended();
            }
          }
        };
    commands.addListener(listener);
    bus.addListener(listener);
    if (!isOpen()) { // it ended before anybody listened
      listener.onRedisDisconnected((RedisChannelHandler<?, ?>) bus);
    }
  }

  @Override
  public CompletionStage<Boolean> publish(String channel, byte[] payload) {
    return redis.publish(utf8(channel), payload).thenApply(receivers -> true);
  }

  @Override
  public CompletionStage<Boolean> append(String topic, String id, byte[] payload) {
    var keys =
        new byte[][] {
          utf8(Channels.STREAM + topic),
          utf8(Channels.STREAM_POSITION + topic),
          utf8(Channels.STREAM_IDS + topic)
        };
    CompletionStage<Long> answer =
        redis.evalsha(
            script,
            ScriptOutputType.INTEGER,
            keys,
            utf8(Integer.toString(EPOCHS.nextInt(1, Integer.MAX_VALUE))),
            maxLength,
            utf8(Integer.toString(KNOWN_IDS)),
            maxAge,
            utf8(Channels.LIVE + topic),
            utf8(id),
            payload);
    return answer
        .whenComplete((added, failure) -> reloadIfForgotten(failure))
        .thenApply(added -> added == 1);
  }

  /// An operator may have flushed the scripts: the next attempt finds it again.
  private void reloadIfForgotten(@Nullable Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof RedisNoScriptException) {
      var _ = redis.scriptLoad(APPEND);
      flush();
    }
  }

  @Override
  public CompletionStage<StreamRange> range(String topic, long offset, int limit) {
    var position = redis.hgetall(utf8(Channels.STREAM_POSITION + topic));
    var after = Range.from(Range.Boundary.excluding(offset + "-0"), Range.Boundary.unbounded());
    var entries = redis.xrange(utf8(Channels.STREAM + topic), after, Limit.from(limit));
    return position.thenCombine(entries, LettuceLink::rangeOf);
  }

  @Override
  public CompletionStage<StreamRange> position(String topic) {
    return redis
        .hgetall(utf8(Channels.STREAM_POSITION + topic))
        .thenApply(position -> rangeOf(position, List.of()));
  }

  @Override
  public void subscribe(List<String> channels) {
    var _ = bus.async().subscribe(all(channels)).whenComplete(LettuceLink::complain);
  }

  @Override
  public void unsubscribe(List<String> channels) {
    var _ = bus.async().unsubscribe(all(channels));
  }

  @Override
  public void subscribePatterns(List<String> patterns) {
    var _ = bus.async().psubscribe(all(patterns)).whenComplete(LettuceLink::complain);
  }

  @Override
  public void unsubscribePatterns(List<String> patterns) {
    var _ = bus.async().punsubscribe(all(patterns));
  }

  private static void complain(@Nullable Void done, @Nullable Throwable failure) {
    if (failure != null) {
      log.warn(
          "Redis does not let this instance subscribe: {}; its user needs the channels wse:* and"
              + " millrace:*",
          Lifeline.reason(failure));
    }
  }

  private static byte[][] all(List<String> names) {
    return names.stream().map(LettuceLink::utf8).toArray(byte[][]::new);
  }

  private static StreamRange rangeOf(
      Map<byte[], byte[]> position, List<StreamMessage<byte[], byte[]>> messages) {
    int epoch = 0;
    long last = 0;
    for (var field : position.entrySet()) { // keys are arrays, which a map does not find
      var name = new String(field.getKey(), StandardCharsets.UTF_8);
      switch (name) {
        case "epoch" -> epoch = number(field.getValue());
        case "offset" -> last = longNumber(field.getValue());
        default -> {}
      }
    }
    return new StreamRange(epoch, last, messages.stream().map(LettuceLink::entry).toList());
  }

  private static StreamRange.Entry entry(StreamMessage<byte[], byte[]> message) {
    var id = message.getId();
    long offset = Long.parseLong(id.substring(0, id.indexOf('-')));
    for (var field : message.getBody().entrySet()) {
      if (java.util.Arrays.equals(field.getKey(), FIELD)) {
        return new StreamRange.Entry(offset, field.getValue());
      }
    }
    return new StreamRange.Entry(offset, new byte[0]); // not ours; no codec takes it for a message
  }

  @Override
  public CompletionStage<?> ping() {
    return redis.ping();
  }

  @Override
  public CompletionStage<?> bury(String topic, byte[] letter) {
    var key = utf8(Channels.DEAD_LETTERS + topic);
    var pushed = redis.lpush(key, letter);
    var _ = redis.ltrim(key, 0, LETTERS - 1);
    var _ = redis.expire(key, LETTERS_KEPT);
    return pushed;
  }

  @Override
  public CompletionStage<List<byte[]>> buried(String topic, int limit) {
    return redis.lrange(utf8(Channels.DEAD_LETTERS + topic), 0, limit - 1L);
  }

  @Override
  public CompletionStage<Long> exhume(String topic, byte[] letter) {
    return redis.lrem(utf8(Channels.DEAD_LETTERS + topic), 1, letter);
  }

  @Override
  public CompletionStage<List<String>> graves(int limit) {
    return new GraveSearch(redis, this::flush, limit).found();
  }

  @Override
  public CompletionStage<?> keepLeft(LeftPlace at, long graceMillis, byte[] what) {
    return left.keep(at, graceMillis, what);
  }

  @Override
  public CompletionStage<?> dropLeft(LeftPlace at) {
    return left.drop(at);
  }

  @Override
  public CompletionStage<List<byte[]>> takeLeft(String user) {
    return left.take(user);
  }

  @Override
  public void touchLeft(String instance, long keptMillis) {
    var _ = left.touch(instance, keptMillis);
  }

  @Override
  public void flush() {
    commands.flushCommands();
  }

  @Override
  public boolean isOpen() {
    return !closed && commands.isOpen() && bus.isOpen();
  }

  @Override
  public void close() {
    closed = true;
    var _ = commands.closeAsync();
    var _ = bus.closeAsync();
  }

  static ScanArgs letters() {
    return ScanArgs.Builder.matches(Channels.DEAD_LETTERS + "*").limit(1_000);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int number(byte[] text) {
    return Integer.parseInt(new String(text, StandardCharsets.UTF_8));
  }

  private static long longNumber(byte[] text) {
    return Long.parseLong(new String(text, StandardCharsets.UTF_8));
  }
}
