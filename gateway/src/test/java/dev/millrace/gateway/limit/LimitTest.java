package dev.millrace.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LimitTest {
  private final FakeClock clock = new FakeClock();

  @Test
  void anAddressHasABurstAndEarnsItBack() {
    var limiter = new AddressLimiter(10, clock);
    var rate = new Rate(3, 2);
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.isExhausted("a", rate)).isFalse();
      assertThat(limiter.take("a", rate)).isTrue();
    }
    assertThat(limiter.isExhausted("a", rate)).isTrue();
    assertThat(limiter.take("a", rate)).isFalse();
    assertThat(limiter.take("b", rate)).isTrue();
    clock.advance(Duration.ofMillis(499));
    assertThat(limiter.take("a", rate)).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(limiter.take("a", rate)).isTrue();
    assertThat(limiter.take("a", rate)).isFalse();
  }

  @Test
  void withoutARateEverythingPassesAndNothingIsRemembered() {
    var limiter = new AddressLimiter(10, clock);
    for (int i = 0; i < 100; i++) {
      assertThat(limiter.take("a", Rate.UNLIMITED)).isTrue();
    }
    assertThat(limiter.isExhausted("a", Rate.UNLIMITED)).isFalse();
    assertThat(limiter.size()).isZero();
    assertThatThrownBy(() -> new Rate(0, 1)).hasMessageContaining("0 at once");
  }

  @Test
  void anIpv6NetworkIsOneCustomerAndOneCustomerOnly() {
    var limiter = new AddressLimiter(10, clock);
    var rate = new Rate(1, 1);
    assertThat(limiter.take("2001:db8:0:1::1", rate)).isTrue();
    assertThat(limiter.take("2001:db8:0:1:ffff::2%eth0", rate)).isFalse();
    assertThat(limiter.take("2001:db8:0:2::1", rate)).isTrue();
    assertThat(limiter.take("not:an:address", rate)).isTrue();
  }

  @Test
  void idleAddressesAreForgottenAndSoManyNeverFillMemory() {
    var limiter = new AddressLimiter(100, clock);
    var rate = new Rate(10, 1);
    for (int i = 0; i < 10_000; i++) {
      assertThat(limiter.take("address-" + i, rate)).isTrue();
      assertThat(limiter.size()).isLessThanOrEqualTo(200);
    }
    clock.advance(Duration.ofSeconds(10));
    assertThat(limiter.take("x", rate)).isTrue();
    clock.advance(Duration.ofSeconds(10));
    assertThat(limiter.take("y", rate)).isTrue();
    assertThat(limiter.size()).isLessThanOrEqualTo(2);
  }

  /// The limiter beside token buckets that are never forgotten.
  @Test
  void forgettingChangesNoDecision() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var limiter = new AddressLimiter(1_000, clock);
    var rate = new Rate(5, 4);
    var buckets = new HashMap<String, double[]>(); // tokens, and the second they were counted
    for (int i = 0; i < 20_000; i++) {
      clock.advance(Duration.ofMillis(random.nextInt(20) == 0 ? 5_000 : random.nextInt(40)));
      var address = "a" + random.nextInt(12);
      double now = clock.nanoTime() / 1e9;
      var bucket = buckets.computeIfAbsent(address, fresh -> new double[] {5, now});
      bucket[0] = Math.min(5, bucket[0] + (now - bucket[1]) * 4);
      bucket[1] = now;
      boolean expected = bucket[0] >= 1 - 1e-6;
      assertThat(limiter.isExhausted(address, rate)).as("seed %d", seed).isEqualTo(!expected);
      assertThat(limiter.take(address, rate)).as("seed %d", seed).isEqualTo(expected);
      if (expected) {
        bucket[0]--;
      }
    }
  }

  @Test
  void aRecentMapNeverLiesAndKeepsWhatIsUsed() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var map = new RecentMap<Integer, Integer>(64);
    Map<Integer, Integer> everything = new HashMap<>();
    var made = new AtomicInteger();
    for (int i = 0; i < 50_000; i++) {
      int key = random.nextInt(500);
      switch (random.nextInt(4)) {
        case 0 -> {
          map.put(key, i);
          everything.put(key, i);
        }
        case 1 -> {
          int value = map.get(key, any -> 1_000_000 + made.incrementAndGet());
          if (value >= 1_000_000) {
            everything.put(key, value);
          }
          assertThat(value).as("seed %d", seed).isEqualTo(everything.get(key));
        }
        default -> {
          var value = map.get(key);
          if (value != null) {
            assertThat(value).as("seed %d", seed).isEqualTo(everything.get(key));
          }
        }
      }
      map.put(-1, 7);
      assertThat(map.get(-1)).as("what is used stays, seed %d", seed).isEqualTo(7);
      assertThat(map.size()).isLessThanOrEqualTo(128);
    }
    assertThatThrownBy(() -> new RecentMap<String, String>(0)).hasMessageContaining("0 < 1");
  }
}
