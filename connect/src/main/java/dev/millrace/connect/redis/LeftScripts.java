package dev.millrace.connect.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What connections of users leave, in Redis: a hash per instance, which expires some time after
/// the instance's last sign of life, so that nothing stays behind and a quiet connection costs
/// nothing. A value is `<when> <until> <what>`, in milliseconds of Redis' clock; `until` is 0 as
/// long as the connection lives. Safe from any thread.
final class LeftScripts {
  private static final String NOW =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      """;

  private static final String TOUCH =
      NOW
          + """
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
          redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
          redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
          return 1
          """;

  private static final String KEEP =
      NOW
          + """
          local left = 0
          if tonumber(ARGV[2]) > 0 then
            left = now + ARGV[2]
          end
          redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f ', now, left) .. ARGV[3])
          if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
            redis.call('PEXPIRE', KEYS[1], math.max(60000, tonumber(ARGV[2])))
          end
          return 1
          """;

  /// An instance that listens to its channel is alive. What lives is passed over and said with an
  /// empty text.
  private static final String TAKE =
      NOW
          + """
          local best, bestKey, bestField, bestWhen
          local used = false
          for _, instance in ipairs(redis.call('ZRANGE', KEYS[1], 0, 999)) do
            local key = ARGV[2] .. instance
            local fields = {}
            for n = 0, ARGV[4] - 1 do
              fields[n + 1] = string.format('%.0f ', n) .. ARGV[1]
            end
            local dead
            for i, value in ipairs(redis.call('HMGET', key, unpack(fields))) do
              local when, left, what
              if value then
                when, left, what = string.match(value, '^(%d+) (%d+) (.*)$')
              end
              if what then
                when, left = tonumber(when), tonumber(left)
                local free = left > 0 and now <= left
                if left == 0 then
                  if dead == nil then
                    dead = redis.call('PUBSUB', 'NUMSUB', ARGV[3] .. instance)[2] == 0
                  end
                  free = dead
                  used = used or not dead
                end
                if free and (not bestWhen or when > bestWhen) then
                  best, bestKey, bestField, bestWhen = what, key, fields[i], when
                end
              end
            end
          end
          if best then
            redis.call('HDEL', bestKey, bestField)
            return {best}
          end
          if used then
            return {''}
          end
          return {}
          """;

  private final RedisAsyncCommands<byte[], byte[]> redis;
  private final Runnable flush;
  private final String touch;
  private final String keep;
  private final String take;

  /// `flush` has commands leave.
  LeftScripts(RedisAsyncCommands<byte[], byte[]> redis, Runnable flush) {
    this.redis = redis;
    this.flush = flush;
    this.touch = redis.digest(TOUCH);
    this.keep = redis.digest(KEEP);
    this.take = redis.digest(TAKE);
  }

  CompletionStage<?> touch(String instance, long keptMillis) {
    CompletionStage<Long> answer =
        redis.evalsha(
            touch,
            ScriptOutputType.INTEGER,
            keys(Channels.LEFT + instance, Channels.INSTANCES),
            utf8(instance),
            utf8(Long.toString(keptMillis)));
    return answer.whenComplete((done, failure) -> load(TOUCH, failure));
  }

  CompletionStage<?> keep(LeftPlace at, long graceMillis, byte[] what) {
    CompletionStage<Long> answer =
        redis.evalsha(
            keep,
            ScriptOutputType.INTEGER,
            keys(at.key()),
            utf8(at.field()),
            utf8(Long.toString(graceMillis)),
            what);
    return answer.whenComplete((done, failure) -> load(KEEP, failure));
  }

  CompletionStage<?> drop(LeftPlace at) {
    return redis.hdel(utf8(at.key()), utf8(at.field()));
  }

  CompletionStage<List<byte[]>> take(String user) {
    CompletionStage<List<byte[]>> answer =
        redis.evalsha(
            take,
            ScriptOutputType.MULTI,
            keys(Channels.INSTANCES),
            utf8(user),
            utf8(Channels.LEFT),
            utf8(Channels.INSTANCE),
            utf8(Integer.toString(LeftPlace.MOST)));
    return answer.whenComplete((done, failure) -> load(TAKE, failure));
  }

  /// Has Redis learn all of them.
  CompletionStage<?> load() {
    var _ = redis.scriptLoad(TOUCH);
    var _ = redis.scriptLoad(KEEP);
    return redis.scriptLoad(TAKE);
  }

  /// An operator may have flushed the scripts: the next attempt finds it again.
  private void load(String script, @Nullable Throwable failure) {
    var cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof RedisNoScriptException) {
      var _ = redis.scriptLoad(script);
      flush.run();
    }
  }

  private static byte[][] keys(String... names) {
    var keys = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      keys[i] = utf8(names[i]);
    }
    return keys;
  }

  private static byte[] utf8(String text) {
    return LettuceLink.utf8(text);
  }
}
