package dev.millrace.control.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import dev.millrace.gateway.event.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class RefusalsTest {
  private static final String COMMAND = "/api/v1/admin/pause";

  private final FakeClock clock = new FakeClock();
  private @Nullable AuditTrail trail;
  private @Nullable Refusals refusals;

  @TempDir @Nullable Path folder;

  @BeforeEach
  void open() {
    trail =
        new AuditTrail(
                Objects.requireNonNull(folder),
                AuditSpec.DEFAULT.withMemoryEntries(100_000),
                () -> 1,
                clock,
                new Metrics())
            .start();
    refusals = new Refusals(trail, clock);
  }

  @AfterEach
  void close() {
    refusals().close();
    trail().close();
  }

  private AuditTrail trail() {
    return Objects.requireNonNull(trail);
  }

  private Refusals refusals() {
    return Objects.requireNonNull(refusals);
  }

  private static Refusal refusal(String path, String address, @Nullable Principal caller) {
    return new Refusal(
        path.equals("/ws/noc") ? Surface.NOC : Surface.ADMIN,
        path.startsWith(COMMAND) ? "POST" : "GET",
        path,
        caller == null ? "AUTH_REQUIRED" : "FORBIDDEN",
        "come in with a token",
        caller,
        address,
        "r-1");
  }

  private void knock(String address) {
    refusals().accept(refusal(COMMAND, address, null));
  }

  /// The entries, the oldest first, when there are so many.
  private List<ObjectNode> entries(int count) {
    await(count + " entries", () -> trail().newest(100_000).size() >= count);
    var entries = trail().newest(100_000).reversed();
    assertThat(entries).hasSize(count);
    return entries;
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain for " + what).isLessThan(deadline);
      LockSupport.parkNanos(200_000);
    }
  }

  @Test
  void whoIsTurnedAwayFromACommandIsInTheTrailAtOnce() {
    knock("192.0.2.7");
    var entry = entries(1).getFirst();
    assertThat(entry.path("origin").asString()).isEqualTo("rest");
    assertThat(entry.path("command").asString()).isEqualTo("pause");
    assertThat(entry.path("ok").asBoolean()).isFalse();
    assertThat(entry.path("error").asString()).isEqualTo("AUTH_REQUIRED: come in with a token");
    assertThat(entry.path("actor").asString()).isEqualTo("192.0.2.7");
    assertThat(entry.path("address").asString()).isEqualTo("192.0.2.7");
    assertThat(entry.path("request_id").asString()).isEqualTo("r-1");
    assertThat(entry.has("count")).isFalse();
  }

  @Test
  void whoseRoleDoesNotSufficeIsNamed() {
    var viewer = new Principal("dashboard", Principal.Kind.TOKEN, Role.VIEWER);
    refusals().accept(refusal("/api/v1/admin/backup/{id}", "192.0.2.7", viewer));
    var entry = entries(1).getFirst();
    assertThat(entry.path("command").asString()).isEqualTo("GET /api/v1/admin/backup/{id}");
    assertThat(entry.path("actor").asString()).isEqualTo("dashboard");
    assertThat(entry.path("role").asString()).isEqualTo("viewer");
  }

  @Test
  void theOperatorsSocketIsSuchADoorAndOthersAreNot() {
    refusals().accept(refusal("/ws/noc", "192.0.2.7", null));
    refusals()
        .accept(
            new Refusal(Surface.PUBLISH, "GET", "/ws/publish/{topic}", "A", "b", null, "x", "r"));
    var entry = entries(1).getFirst();
    assertThat(entry.path("origin").asString()).isEqualTo("noc");
    assertThat(entry.path("command").asString()).isEqualTo("GET /ws/noc");
    clock.advance(Refusals.INTERVAL);
    assertThat(entries(1)).hasSize(1);
  }

  @Test
  void aFloodFromOneAddressIsTwoEntriesThatCountIt() {
    for (int i = 0; i < 100_000; i++) {
      knock("192.0.2.7");
    }
    entries(1);
    clock.advance(Refusals.INTERVAL);
    assertThat(entries(2).getLast().path("count").asLong()).isEqualTo(99_999);
    knock("192.0.2.7");
    clock.advance(Refusals.INTERVAL);
    assertThat(entries(3).getLast().has("count")).isFalse();
  }

  @Test
  void manyAddressesAreEnteredOneByOneUpToABoundAndThenTogether() {
    for (int i = 0; i < 10_000; i++) {
      knock("2001:db8::" + Integer.toHexString(i));
    }
    entries(Refusals.ADDRESSES);
    clock.advance(Refusals.INTERVAL);
    var others = entries(Refusals.ADDRESSES + 1).getLast();
    assertThat(others.path("actor").asString()).isEqualTo("many addresses");
    assertThat(others.path("address").isNull()).isTrue();
    assertThat(others.path("count").asLong()).isEqualTo(10_000 - Refusals.ADDRESSES);
  }

  @Test
  void whatWasGatheredIsEnteredAtTheEndAndNoTimerIsLeft() throws Exception {
    knock("192.0.2.7");
    knock("192.0.2.7");
    knock("192.0.2.7");
    entries(1);
    refusals().close();
    assertThat(clock.pendingTimers()).isZero();
    assertThat(entries(2).getLast().path("count").asLong()).isEqualTo(2);
    trail().close();
    assertThat(Files.readAllLines(AuditFile.file(folder().resolve("audit"), 0))).hasSize(2);
  }

  private Path folder() {
    return Objects.requireNonNull(folder);
  }

  /// Beside a model that remembers everything: nothing goes uncounted, and an interval never has
  /// more entries than it may.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyRefusalIsCountedAndNoIntervalHasMoreThanItsShare(long seed) {
    var random = new Random(seed);
    int expected = 0;
    long knocks = 0;
    for (int interval = 0; interval < 20; interval++) {
      Set<String> known = new HashSet<>();
      var gathered = new HashMap<String, Integer>();
      int addresses = 1 + random.nextInt(200);
      // Something is always gathered, so that the end of each interval can be waited for.
      knock("192.0.2.0");
      knock("192.0.2.0");
      knocks += 2;
      known.add("192.0.2.0");
      gathered.put("192.0.2.0", 1);
      for (int i = random.nextInt(500); i > 0; i--) {
        var address = "192.0.2." + random.nextInt(addresses);
        knock(address);
        knocks++;
        boolean room = known.size() < Refusals.ADDRESSES;
        if (known.contains(address)) {
          gathered.merge(address, 1, Integer::sum);
        } else if (room) {
          known.add(address);
        } else {
          gathered.merge("others", 1, Integer::sum);
        }
      }
      expected += known.size();
      entries(expected); // before the timer: entries are made in the background
      clock.advance(Refusals.INTERVAL);
      expected += gathered.size();
      entries(expected);
      assertThat(known.size() + gathered.size())
          .as("seed " + seed)
          .isLessThanOrEqualTo(2 * Refusals.ADDRESSES + 1);
    }
    long counted =
        trail().newest(100_000).stream().mapToLong(entry -> entry.path("count").asLong(1)).sum();
    assertThat(counted).as("seed " + seed).isEqualTo(knocks);
  }
}
