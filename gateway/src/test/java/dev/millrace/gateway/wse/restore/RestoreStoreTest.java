package dev.millrace.gateway.wse.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RestoreStoreTest {
  private static final Duration GRACE = Duration.ofNanos(100);
  private static final RestoreStore.Limits PLENTY = new RestoreStore.Limits(GRACE, 1 << 20);

  @Test
  void whatIsKeptIsTakenOnce() {
    var store = new RestoreStore<String>();
    store.keep("ann", "old", 10, PLENTY, 0);
    store.keep("ann", "new", 10, PLENTY, 0);
    assertThat(store.take("ann", GRACE, 50)).isEqualTo("new");
    assertThat(store.take("ann", GRACE, 50)).isNull();
    assertThat(store.take("bob", GRACE, 50)).isNull();
  }

  @Test
  void whatIsKeptTooLongIsGone() {
    var store = new RestoreStore<String>();
    store.keep("ann", "a", 10, PLENTY, 0);
    assertThat(store.take("ann", GRACE, 101)).isNull();
    store.keep("bob", "b", 10, PLENTY, 0);
    assertThat(store.keep("carol", "c", 10, PLENTY, 200)).isEqualTo(1);
    assertThat(store.size()).isEqualTo(1);
  }

  @Test
  void theOldestGoWhenThereIsNoMemory() {
    var store = new RestoreStore<Integer>();
    var limits = new RestoreStore.Limits(GRACE, 10_000);
    int gone = 0;
    for (int i = 0; i < 100; i++) {
      gone += store.keep("user-" + i, i, 840, limits, 0);
    }
    assertThat(store.size()).isEqualTo(100 - gone).isBetween(8, 10);
    assertThat(store.take("user-0", GRACE, 0)).isNull();
    assertThat(store.take("user-99", GRACE, 0)).isEqualTo(99);
    assertThat(store.keep("large", 1, 1_000_000, limits, 0)).isPositive();
    assertThat(store.take("large", GRACE, 0)).isNull();
  }

  @Test
  void itKeepsWhatANaiveOneKeeps() {
    for (long seed = 1; seed <= 20; seed++) {
      var random = new Random(seed);
      var store = new RestoreStore<Long>();
      var model = new LinkedHashMap<String, Long>(); // user to the time it was kept
      long now = 0;
      for (int step = 0; step < 5_000; step++) {
        now += random.nextInt(5);
        var user = "u" + random.nextInt(30);
        if (random.nextBoolean()) {
          store.keep(user, now, 1, PLENTY, now);
          model.remove(user);
          model.put(user, now);
        } else {
          var kept = model.remove(user);
          boolean fresh = kept != null && now - kept <= GRACE.toNanos();
          assertThat(store.take(user, GRACE, now))
              .as("seed %d, step %d", seed, step)
              .isEqualTo(fresh ? kept : null);
        }
      }
    }
  }
}
