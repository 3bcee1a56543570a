package dev.millrace.systemtest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.testkit.redis.RedisServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Tests that have a Redis and a folder each, and are skipped where there can be no Redis.
abstract class TestsWithRedis {
  @TempDir Path folder;
  RedisServer redis;

  @BeforeEach
  void startRedis() {
    var why = RedisServer.missing();
    assumeTrue(why == null, String.valueOf(why));
    redis = RedisServer.start(folder);
  }

  @AfterEach
  void stopRedis() {
    if (redis != null) {
      redis.close();
    }
  }
}
