package dev.millrace.connect.redis;

import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Looks through the keys of Redis for lists of dead letters, a thousand keys at a time and at most
/// a thousand times, so that a large Redis is not held up. Its steps run one after the other.
final class GraveSearch {
  private static final int STEPS = 1_000;

  private final RedisAsyncCommands<byte[], byte[]> redis;
  private final Runnable flush;
  private final int limit;
  private final TreeSet<String> topics = new TreeSet<>();

  GraveSearch(RedisAsyncCommands<byte[], byte[]> redis, Runnable flush, int limit) {
    this.redis = redis;
    this.flush = flush;
    this.limit = limit;
  }

  CompletionStage<List<String>> found() {
    var first = redis.scan(LettuceLink.letters());
    flush.run();
    return first.thenCompose(cursor -> after(cursor, 1));
  }

  private CompletionStage<List<String>> after(KeyScanCursor<byte[]> cursor, int steps) {
    for (var key : cursor.getKeys()) {
      var name = new String(key, StandardCharsets.UTF_8);
      topics.add(name.substring(Channels.DEAD_LETTERS.length()));
    }
    if (cursor.isFinished() || topics.size() >= limit || steps == STEPS) {
      return CompletableFuture.completedStage(
          new ArrayList<>(topics).subList(0, Math.min(limit, topics.size())));
    }
    var next = redis.scan(cursor, LettuceLink.letters());
    flush.run();
    return next.thenCompose(found -> after(found, steps + 1));
  }
}
