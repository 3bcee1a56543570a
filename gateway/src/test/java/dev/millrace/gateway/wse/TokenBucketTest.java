package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.hub.HubSpec;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  @Test
  void aBurstPassesAndThenTheRate() {
    var bucket = new TokenBucket(new HubSpec.RateLimit(3, 10), 0);
    assertThat(bucket.take(0)).isTrue();
    assertThat(bucket.take(0)).isTrue();
    assertThat(bucket.take(0)).isTrue();
    assertThat(bucket.take(0)).isFalse();
    assertThat(bucket.take(100_000_000)).isTrue();
    assertThat(bucket.take(150_000_000)).isFalse();
    assertThat(bucket.take(200_000_000)).isTrue();
  }

  @Test
  void noMorePassesThanTheBurstAndTheRateAllow() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var bucket = new TokenBucket(new HubSpec.RateLimit(50, 1_000), 0);
    long now = 0;
    long passed = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(1_500_000);
      passed += bucket.take(now) ? 1 : 0;
      assertThat(passed).as("seed %d", seed).isLessThanOrEqualTo(50 + now / 1_000_000);
    }
    assertThat(passed).as("seed %d", seed).isGreaterThan(now / 1_000_000 * 9 / 10);
  }

  @Test
  void aRateOfZeroLimitsNothing() {
    var bucket = new TokenBucket(new HubSpec.RateLimit(1, 0), 0);
    for (int i = 0; i < 10; i++) {
      assertThat(bucket.takeKnown()).isTrue();
    }
  }

  @Test
  void aWarningIsDueOnceASecond() {
    var bucket = new TokenBucket(new HubSpec.RateLimit(1, 1), 0);
    assertThat(bucket.warnNow(5)).isTrue();
    assertThat(bucket.warnNow(900_000_000)).isFalse();
    assertThat(bucket.warnNow(1_000_000_005)).isTrue();
  }
}
