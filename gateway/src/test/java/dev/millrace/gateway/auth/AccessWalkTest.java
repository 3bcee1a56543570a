package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.NOW;
import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A random walk over policies, callers, doors and time, beside a model that remembers nothing and
/// decides in the plainest way.
class AccessWalkTest {
  private static final String OTHER_SECRET = "another-secret-another-secret-32";
  private static final List<Surface> SURFACES = List.of(Surface.values());
  private static final List<Route.Access> DOORS = List.of(Route.Access.values());
  private static final List<String> LOCALS = List.of("127.0.0.1", "192.0.2.1");

  /// What a caller shows, as the model sees it: a fixed token, or a JSON web token.
  private record Shown(
      String text,
      @Nullable String fixed,
      @Nullable String secret,
      @Nullable Role role,
      long exp) {}

  /// A policy as the model sees it.
  private record Plain(
      Map<String, Role> tokens,
      @Nullable String secret,
      boolean issuer,
      Set<Surface> anonymous,
      boolean closes) {
    boolean configured() {
      return !tokens.isEmpty() || secret != null;
    }

    AuthPolicy real() {
      var keys = new ArrayList<String>();
      keys.add(
          tokens.entrySet().stream()
              .map(
                  one ->
                      "{\"name\":\"%s\",\"token\":\"%s\",\"role\":\"%s\"}"
                          .formatted(one.getKey(), fixed(one.getKey()), one.getValue().label()))
              .collect(Collectors.joining(",", "auth.tokens=[", "]")));
      if (secret != null) {
        keys.add("auth.jwt.secret=" + secret);
        if (issuer) {
          keys.add("auth.jwt.issuer=us");
        }
      }
      keys.add(
          "auth.anonymous="
              + anonymous.stream().map(Surface::label).collect(Collectors.joining(",")));
      keys.add("auth.close_on_expiry=" + closes);
      keys.add("auth.failures_per_address={\"refill_rate\": 0}");
      return TestTokens.policy(keys.toArray(String[]::new));
    }

    /// The role a sound credential has: `null` when it is not sound, empty when it has none.
    @Nullable List<Role> roles(Shown shown, long now, boolean old) {
      if (shown.fixed != null) {
        var role = tokens.get(shown.fixed);
        return role == null ? null : List.of(role);
      }
      boolean alive = now < shown.exp || (old && !closes);
      boolean sound = secret != null && secret.equals(shown.secret) && alive && !issuer;
      return !sound ? null : shown.role == null ? List.of() : List.of(shown.role);
    }

    boolean admits(@Nullable Shown shown, Door door, long now, boolean old) {
      boolean loopback = door.arrival() == Door.Arrival.LOOPBACK;
      if (!configured()) {
        return loopback;
      }
      if (door.access() == Route.Access.PUBLIC) {
        return true;
      }
      if (door.access() == Route.Access.LOOPBACK_OR_VIEWER && loopback) {
        return true;
      }
      var least = door.access().role();
      boolean client =
          List.of(Surface.WSE, Surface.SSE, Surface.FEED, Surface.CLASSIFY, Surface.MIRROR)
              .contains(door.surface());
      if (least == null && !client) {
        least = Role.VIEWER;
      }
      boolean forOperators =
          door.surface() == Surface.NOC
              || door.surface() == Surface.ADMIN
              || least == Role.OPERATOR
              || least == Role.ADMIN;
      boolean nobody = anonymous.contains(door.surface()) && (loopback || !forOperators);
      if (shown == null) {
        return nobody;
      }
      var roles = roles(shown, now, old);
      if (roles == null) {
        return false;
      }
      return nobody || least == null || (!roles.isEmpty() && covers(roles.getFirst(), least));
    }
  }

  /// In order of power.
  private static final List<Role> ROLES =
      List.of(Role.VIEWER, Role.PUBLISHER, Role.OPERATOR, Role.ADMIN);

  private static boolean covers(Role role, Role least) {
    return ROLES.indexOf(role) >= ROLES.indexOf(least);
  }

  private static <T> T any(List<T> some, Random random) {
    return some.get(random.nextInt(some.size()));
  }

  private static String fixed(String name) {
    return "fixed-token-of-" + name;
  }

  private record Standing(Lease lease, @Nullable Shown shown, Door door, boolean heard) {}

  private final FakeClock clock = new FakeClock();
  private final AccessControl access = new AccessControl(clock, new Metrics());

  @Test
  void decisionsAndLeasesAreThoseOfThePlainModel() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var plain = new Plain(Map.of(), null, false, Set.of(), true);
    var shown = credentials(random);
    var standing = new ArrayList<Standing>();
    for (int step = 0; step < 6_000; step++) {
      var where = "seed " + seed + " step " + step;
      switch (random.nextInt(12)) {
        case 0 -> {
          plain = policy(random);
          access.apply(plain.real());
          verify(standing, plain, where);
        }
        case 1 -> {
          clock.advance(Duration.ofSeconds(random.nextInt(20)));
          verify(standing, plain, where);
          if (random.nextInt(10) == 0) {
            shown = credentials(random);
          }
        }
        default -> knock(random, plain, pick(shown, random), standing, where);
      }
    }
  }

  private void knock(
      Random random, Plain plain, @Nullable Shown shown, List<Standing> standing, String where) {
    var surface = any(SURFACES, random);
    var door = any(DOORS, random);
    var local = any(LOCALS, random);
    var head =
        shown == null
            ? Callers.caller(local)
            : Callers.caller(local, "authorization: Bearer " + shown.text);
    var arrival = local.startsWith("127") ? Door.Arrival.LOOPBACK : Door.Arrival.PUBLIC;
    var asked = new Door(surface, door, arrival);
    var admission = access.admit(head, surface, door);
    assertThat(admission instanceof Admission.Admitted)
        .as("%s: %s at %s under %s", where, shown, asked, plain)
        .isEqualTo(plain.admits(shown, asked, now(), false));
    if (admission instanceof Admission.Admitted(var _, var lease)) {
      // Where nobody is asked, nothing that is shown is looked at.
      boolean heard = plain.configured() && !asked.isOpen();
      standing.add(new Standing(lease, heard ? shown : null, asked, heard));
      if (standing.size() > 200) {
        standing.removeFirst();
      }
    }
  }

  private void verify(List<Standing> standing, Plain plain, String where) {
    var gone = new ArrayList<Standing>();
    for (var one : standing) {
      var end = one.lease.end();
      boolean stays = plain.admits(one.shown, one.door, now(), true);
      assertThat(end == null)
          .as("%s: %s, %s under %s at %d", where, end, one, plain, now())
          .isEqualTo(stays);
      if (end != null) {
        gone.add(one);
      }
    }
    standing.removeAll(gone);
  }

  private long now() {
    return clock.epochMillis() / 1_000;
  }

  private static @Nullable Shown pick(List<Shown> shown, Random random) {
    int at = random.nextInt(shown.size() + 1);
    return at == shown.size() ? null : shown.get(at);
  }

  private List<Shown> credentials(Random random) {
    var all = new ArrayList<Shown>();
    for (var name : List.of("a", "b", "c")) {
      all.add(new Shown(fixed(name), name, null, null, 0));
    }
    all.add(new Shown("nonsense", "nobody", null, null, 0));
    for (var secret : List.of(SECRET, OTHER_SECRET)) {
      for (int i = 0; i < 3; i++) {
        var role = random.nextInt(3) == 0 ? null : any(ROLES, random);
        long exp = Math.max(now(), NOW) + random.nextInt(200);
        var words = role == null ? "" : ",\"role\":\"" + role.label() + "\"";
        var claims = "{\"sub\":\"s" + i + "\",\"exp\":" + exp + words + "}";
        all.add(new Shown(TestTokens.signed(secret, claims), null, secret, role, exp));
      }
    }
    return all;
  }

  private static Plain policy(Random random) {
    var tokens = new LinkedHashMap<String, Role>();
    for (var name : List.of("a", "b", "c")) {
      if (random.nextInt(3) == 0) {
        tokens.put(name, any(ROLES, random));
      }
    }
    var secret =
        switch (random.nextInt(4)) {
          case 0 -> null;
          case 1 -> OTHER_SECRET;
          default -> SECRET;
        };
    var anonymous = EnumSet.noneOf(Surface.class);
    Arrays.stream(Surface.values())
        .filter(surface -> random.nextInt(4) == 0)
        .forEach(anonymous::add);
    return new Plain(tokens, secret, random.nextInt(5) == 0, anonymous, random.nextBoolean());
  }
}
