package dev.millrace.connect.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PatternsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final FakeClock clock = new FakeClock();
  private final FakeRedis redis = new FakeRedis();
  private final List<String> received = new ArrayList<>();
  private final Patterns patterns = new Patterns("wse:", TIMEOUT.toNanos());
  private Link link = connect();

  private Link connect() {
    var receiver =
        new Link.Receiver() {
          @Override
          public void received(String channel, byte[] payload) {
            received.add(channel);
          }

          @Override
          public void subscribed(String channel) {}

          @Override
          public void subscribedPattern(String channels) {
            patterns.answered(channels);
          }

          @Override
          public void ended() {}
        };
    return redis.dialer().dial(receiver).toCompletableFuture().join();
  }

  private void step() {
    patterns.step(link, false, clock.nanoTime());
  }

  @Test
  void whoeverSubscribesIsLetInWhenRedisHasThePattern() {
    redis.takesPatterns = false;
    var heard = patterns.follow("a:*");
    step();
    assertThat(heard).isNotDone();
    patterns.answered("wse:b:*");
    step();
    assertThat(heard).isNotDone();
    patterns.answered("wse:a:*");
    step();
    assertThat(heard).isCompleted();
    var later = patterns.follow("a:*");
    step();
    assertThat(later).isCompleted();
  }

  @Test
  void whileRedisIsAwayNobodyWaits() {
    redis.takesPatterns = false;
    var heard = patterns.follow("a*");
    patterns.step(null, false, clock.nanoTime());
    assertThat(heard).as("it may be there in a moment").isNotDone();
    patterns.step(null, true, clock.nanoTime());
    assertThat(heard).isCompletedExceptionally();
    step();
    patterns.answered("wse:a*");
    step();
    assertThat(patterns.follow("b*")).isNotDone();
  }

  @Test
  void aConnectionOverWhichNothingComesIsGivenUp() {
    redis.takesPatterns = false;
    var heard = patterns.follow("a*");
    step();
    clock.advance(TIMEOUT.minusMillis(1));
    step();
    assertThat(link.isOpen()).isTrue();
    clock.advance(Duration.ofMillis(1));
    step();
    assertThat(link.isOpen()).isFalse();
    patterns.linkWent();
    redis.takesPatterns = true;
    link = connect();
    step();
    step();
    assertThat(heard).isCompleted();
  }

  @Test
  void anAnswerToWhatWasGivenUpIsNoneToWhatIsAskedForAnew() {
    redis.takesPatterns = false;
    var first = patterns.follow("a*");
    step();
    patterns.unfollow("a*");
    step();
    assertThat(first).as("nobody wants it").isCompleted();
    var again = patterns.follow("a*");
    step();
    patterns.answered("wse:a*");
    step();
    assertThat(again).isNotDone();
    patterns.answered("wse:a*");
    step();
    assertThat(again).isCompleted();
  }

  @Test
  void ofTooManyPatternsWhoeverComesWaitsForEverything() {
    var heard = new ArrayList<CompletableFuture<?>>();
    for (int i = 0; i < 100; i++) {
      heard.add(patterns.follow("p" + i + "*"));
    }
    step();
    assertThat(heard).allSatisfy(one -> assertThat(one).isCompleted());
    redis.takesPatterns = false;
    var one = patterns.follow("[x]\\*");
    step();
    assertThat(one).isNotDone();
    patterns.answered("wse:*");
    step();
    assertThat(one).isCompleted();
  }

  @Test
  void whatIsAnsweredIsHeardWhateverComesAndGoes() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    Map<String, Integer> wanted = new HashMap<>();
    Map<String, CompletableFuture<?>> asked = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      var pattern = "p" + random.nextInt(130) + ":*";
      if (random.nextInt(5) < 3) {
        wanted.merge(pattern, 1, Integer::sum);
        asked.put(pattern, patterns.follow(pattern));
      } else if (wanted.containsKey(pattern)) {
        patterns.unfollow(pattern);
        wanted.computeIfPresent(pattern, (name, times) -> times == 1 ? null : times - 1);
        asked.remove(pattern);
      }
      if (random.nextInt(500) == 0) {
        link.close();
        patterns.linkWent();
        link = connect();
      }
      if (random.nextInt(3) == 0) {
        step();
        step();
        asked.forEach((name, done) -> assertThat(done).as("seed %s, %s", seed, name).isCompleted());
      }
      if (random.nextInt(50) == 0 && !wanted.isEmpty()) {
        step();
        step();
        var some = wanted.keySet().iterator().next();
        received.clear();
        redis.publishFromElsewhere("wse:" + some.replace("*", "x"), "{}");
        assertThat(received).as("seed %s, %s", seed, some).hasSize(1);
      }
    }
  }
}
