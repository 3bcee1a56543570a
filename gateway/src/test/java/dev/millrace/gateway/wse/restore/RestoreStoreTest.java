package dev.millrace.gateway.wse.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RestoreStoreTest {
  private static final Duration GRACE = Duration.ofNanos(100);
  private static final RestoreStore.Limits PLENTY = limits(1 << 20, 16);
  private static final RestoreStore.Limits ONE_EACH = limits(1 << 20, 1);

  private static RestoreStore.Limits limits(long bytes, int sessionsPerUser) {
    return new RestoreStore.Limits(GRACE, bytes, sessionsPerUser);
  }

  @Test
  void whatIsKeptOfAUserIsTakenOnce() {
    var store = new RestoreStore<String>();
    store.keep("1", "ann", "old", 10, ONE_EACH, 0);
    store.keep("2", "ann", "new", 10, ONE_EACH, 0);
    assertThat(store.size()).isEqualTo(1);
    assertThat(store.takeLatest("ann", GRACE, 50)).isEqualTo("new");
    assertThat(store.takeLatest("ann", GRACE, 50)).isNull();
    assertThat(store.takeLatest("bob", GRACE, 50)).isNull();
  }

  @Test
  void aSessionIsFoundByItsNameAndOnlyForItsUser() {
    var store = new RestoreStore<String>();
    store.keep("1", "ann", "first", 10, PLENTY, 0);
    store.keep("2", "ann", "second", 10, PLENTY, 0);
    store.keep("3", null, "nobody's", 10, PLENTY, 0);
    assertThat(store.take("1", "bob", GRACE, 0)).isNull();
    assertThat(store.take("1", null, GRACE, 0)).isNull();
    assertThat(store.take("3", "ann", GRACE, 0)).isNull();
    assertThat(store.take("1", "ann", GRACE, 0)).isEqualTo("first");
    assertThat(store.take("1", "ann", GRACE, 0)).isNull();
    assertThat(store.take("3", null, GRACE, 0)).isEqualTo("nobody's");
    assertThat(store.takeLatest("ann", GRACE, 0)).isEqualTo("second");
    assertThat(store.size()).isZero();
  }

  @Test
  void onceTheLatestIsTakenOthersAreFoundByNameAlone() {
    var store = new RestoreStore<String>();
    store.keep("1", "ann", "first", 10, PLENTY, 0);
    store.keep("2", "ann", "second", 10, PLENTY, 0);
    assertThat(store.takeLatest("ann", GRACE, 0)).isEqualTo("second");
    assertThat(store.takeLatest("ann", GRACE, 0)).isNull();
    assertThat(store.take("1", "ann", GRACE, 0)).isEqualTo("first");
  }

  @Test
  void whatIsKeptTooLongIsGone() {
    var store = new RestoreStore<String>();
    store.keep("1", "ann", "a", 10, PLENTY, 0);
    assertThat(store.takeLatest("ann", GRACE, 101)).isNull();
    store.keep("2", "bob", "b", 10, PLENTY, 0);
    assertThat(store.keep("3", "carol", "c", 10, PLENTY, 200)).isEqualTo(1);
    assertThat(store.size()).isEqualTo(1);
  }

  @Test
  void theOldestGoWhenThereIsNoMemory() {
    var store = new RestoreStore<Integer>();
    var limits = limits(10_000, 16);
    int gone = 0;
    for (int i = 0; i < 100; i++) {
      gone += store.keep("session-" + i, i % 2 == 0 ? null : "user-" + i, i, 712, limits, 0);
    }
    assertThat(store.size()).isEqualTo(100 - gone).isBetween(8, 10);
    assertThat(store.take("session-0", null, GRACE, 0)).isNull();
    assertThat(store.takeLatest("user-99", GRACE, 0)).isEqualTo(99);
    assertThat(store.keep("large", "large", 1, 1_000_000, limits, 0)).isPositive();
    assertThat(store.takeLatest("large", GRACE, 0)).isNull();
  }

  private record Entry(String session, @Nullable String user, long kept) {}

  @Test
  void itKeepsWhatANaiveOneKeeps() {
    for (long seed = 1; seed <= 20; seed++) {
      var random = new Random(seed);
      int perUser = 1 + random.nextInt(3);
      var store = new RestoreStore<Long>();
      var model = new ArrayList<Entry>(); // oldest first
      var latest = new HashMap<String, String>();
      long now = 0;
      for (int step = 0; step < 5_000; step++) {
        now += random.nextInt(5);
        long time = now;
        var user = random.nextInt(4) == 0 ? null : "u" + random.nextInt(10);
        var session = "s" + step;
        int what = random.nextInt(3);
        if (what == 0) {
          store.keep(session, user, now, 1, limits(1 << 20, perUser), now);
          if (user != null) {
            var own = model.stream().filter(one -> user.equals(one.user)).toList();
            model.removeAll(own.subList(0, Math.max(0, own.size() - perUser + 1)));
            latest.put(user, session);
          }
          model.add(new Entry(session, user, now));
          model.removeIf(one -> time - one.kept > GRACE.toNanos());
        } else {
          var name = what == 1 || user == null ? "s" + random.nextInt(step + 1) : latest.get(user);
          var found =
              model.stream()
                  .filter(one -> one.session.equals(name))
                  .filter(one -> Objects.equals(one.user, user))
                  .findFirst()
                  .orElse(null);
          model.remove(found);
          @Nullable Long wanted =
              found != null && now - found.kept() <= GRACE.toNanos() ? found.kept() : null;
          var taken =
              what == 1 || user == null
                  ? store.take(String.valueOf(name), user, GRACE, now)
                  : store.takeLatest(user, GRACE, now);
          assertThat(taken).as("seed %d, step %d", seed, step).isEqualTo(wanted);
        }
        assertThat(store.size()).as("seed %d, step %d", seed, step).isEqualTo(model.size());
      }
    }
  }
}
