package dev.millrace.testkit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisServerTest {
  @TempDir Path folder;

  @BeforeEach
  void thereIsARedis() {
    var why = RedisServer.missing();
    assumeTrue(why == null, String.valueOf(why));
  }

  @Test
  void itAnswersAndComesBackEmptyAfterACrash() {
    try (var redis = RedisServer.start(folder)) {
      assertThat(redis.url()).endsWith(":" + redis.port());
      assertThat(redis.command("SET", "ключ", "value")).isEqualTo("+OK");
      assertThat(redis.command("EXISTS", "ключ")).isEqualTo(":1");
      redis.kill();
      assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(redis::pause).isInstanceOf(IllegalStateException.class);
      redis.start();
      assertThat(redis.command("EXISTS", "ключ")).isEqualTo(":0");
    }
  }

  @Test
  void itCanBePausedAndAskForAPassword() {
    try (var redis = RedisServer.start(folder, "secret")) {
      redis.pause();
      redis.resume();
      assertThat(redis.command("PING")).startsWith("-NOAUTH");
    }
  }
}
