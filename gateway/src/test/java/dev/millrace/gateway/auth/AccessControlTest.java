package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AccessControlTest {
  private static final String OPS = AccessRules.OPS;
  private static final String TOKENS = AccessRules.TOKENS;
  private static final String JWT = AccessRules.JWT;
  private static final String LOOPBACK = AccessRules.LOOPBACK;

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final AccessControl access = new AccessControl(clock, metrics);

  @ParameterizedTest
  @MethodSource("dev.millrace.gateway.auth.AccessRules#rules")
  void aRuleHolds(AccessRules.Rule rule) {
    access.apply(policy(rule.policy().toArray(String[]::new)));
    var caller = Callers.caller(rule.local(), rule.shown().toArray(String[]::new));
    for (int i = 0; i < 2; i++) { // what is remembered decides as what was computed
      assertThat(Callers.describe(access.admit(caller, rule.surface(), rule.door())))
          .isEqualTo(rule.outcome());
    }
  }

  @Test
  void aRefusalNamesTheSchemeAndRepeatsNothing() {
    access.apply(policy(TOKENS));
    var refused = access.admit(caller(OPS + "-wrong"), Surface.API, Route.Access.VIEWER);
    assertThat(refused)
        .isInstanceOfSatisfying(
            Admission.Rejected.class,
            rejected -> {
              assertThat(rejected.asResponse().headers())
                  .containsEntry("WWW-Authenticate", "Bearer");
              assertThat(rejected.toString()).doesNotContain(OPS);
              assertThat(rejected.closeCode()).isEqualTo(4401);
              assertThat(rejected.closeReason()).isEqualTo("Authentication required");
            });
    assertThat(metrics.count(AuthMetric.REJECTED, "auth_failed")).isEqualTo(1);
  }

  private static dev.millrace.net.http.RequestHead caller(String token) {
    return Callers.caller(LOOPBACK, "authorization: Bearer " + token);
  }

  private String attempt(String remote, String token) {
    var head = Callers.caller(remote, LOOPBACK, new String[] {"authorization: Bearer " + token});
    return Callers.describe(access.admit(head, Surface.API, Route.Access.VIEWER));
  }

  @Test
  void whoFailsTooOftenIsNotHeardUntilTimeHasPassed() {
    access.apply(
        policy(TOKENS, JWT, "auth.failures_per_address={\"capacity\": 3, \"refill_rate\": 1}"));
    for (int i = 0; i < 3; i++) {
      assertThat(attempt("198.51.100.1", "a.b.c")).startsWith("401 AUTH_FAILED");
    }
    double verified = metrics.count(AuthMetric.VERIFIED);
    assertThat(attempt("198.51.100.1", "a.b.c")).startsWith("429 RATE_LIMITED");
    assertThat(attempt("198.51.100.1", OPS)).startsWith("429 RATE_LIMITED");
    assertThat(metrics.count(AuthMetric.VERIFIED)).as("nothing was computed").isEqualTo(verified);
    assertThat(attempt("198.51.100.2", OPS)).as("another address").startsWith("admitted");
    assertThat(Callers.describe(access.admit(anyone(), Surface.API, Route.Access.PUBLIC)))
        .startsWith("admitted");
    clock.advance(Duration.ofSeconds(1));
    assertThat(attempt("198.51.100.1", OPS)).startsWith("admitted");
  }

  private static dev.millrace.net.http.RequestHead anyone() {
    return Callers.caller("198.51.100.1", LOOPBACK, new String[0]);
  }

  @Test
  void aTokenIsVerifiedOnceUntilItExpiresOrThePolicyChanges() {
    access.apply(policy(JWT));
    var token = good("ann", "viewer");
    for (int i = 0; i < 10; i++) {
      assertThat(attempt("198.51.100.1", token)).isEqualTo("admitted ann JWT VIEWER");
    }
    assertThat(metrics.count(AuthMetric.VERIFIED)).isEqualTo(1);
    access.apply(policy(JWT, "auth.jwt.issuer=somebody"));
    assertThat(attempt("198.51.100.1", token)).isEqualTo("401 AUTH_FAILED Invalid issuer");
    access.apply(policy(JWT));
    assertThat(attempt("198.51.100.1", token)).startsWith("admitted");
    clock.advance(Duration.ofHours(1));
    assertThat(attempt("198.51.100.1", token)).isEqualTo("401 AUTH_FAILED Token expired");
    assertThat(metrics.count(AuthMetric.VERIFIED)).isEqualTo(3);
  }

  @Test
  void aServerThatNobodyConfiguredIsOpen() {
    var open = AccessControl.open();
    assertThat(Callers.describe(open.admit(anyone(), Surface.ADMIN, Route.Access.ADMIN)))
        .isEqualTo("admitted 198.51.100.1 ANONYMOUS ADMIN");
    assertThat(open.policy().isConfigured()).isFalse();
  }
}
