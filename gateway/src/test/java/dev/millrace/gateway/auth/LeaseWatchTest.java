package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.NOW;
import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.auth.TestTokens.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import dev.millrace.net.Loop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseWatchTest {
  private static final String OPS = "ops-token-0123456789";
  private static final String JWT = "auth.jwt.secret=" + SECRET;
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Loop loop = Loop.over(channel.eventLoop(), clock, metrics);
  private final AccessControl access = new AccessControl(clock, metrics);
  private final LeaseWatch watch = new LeaseWatch(access, List.of(loop), clock, metrics);
  private final List<Lease.End> ended = new ArrayList<>();

  @AfterEach
  void stop() {
    watch.close();
    channel.finishAndReleaseAll();
  }

  private static String tokens(String role) {
    return "auth.tokens=[{\"name\":\"ops\",\"token\":\"" + OPS + "\",\"role\":\"" + role + "\"}]";
  }

  private Lease lease(String token, Surface surface, Route.Access door) {
    var head = Callers.caller("127.0.0.1", "authorization: Bearer " + token);
    return switch (access.admit(head, surface, door)) {
      case Admission.Admitted(var _, var lease) -> lease;
      case Admission.Rejected rejected -> throw new AssertionError(rejected);
    };
  }

  private LeaseWatch.Watched watch(Lease lease) {
    return watch.watch(loop, lease, ended::add);
  }

  private void pass(Duration time) {
    clock.advance(time);
    channel.runPendingTasks();
  }

  @Test
  void aTokenThatIsTakenBackEndsItsConnectionsAndNoOthers() {
    access.apply(policy(JWT, tokens("admin")));
    watch(lease(OPS, Surface.NOC, Route.Access.VIEWER));
    watch(lease(good("ann", null), Surface.WSE, Route.Access.CLIENT));
    pass(PERIOD);
    assertThat(ended).isEmpty();
    access.apply(policy(JWT));
    pass(PERIOD);
    assertThat(ended).containsExactly(Lease.End.REVOKED);
    assertThat(metrics.count(AuthMetric.ENDED, "revoked")).isEqualTo(1);
    pass(PERIOD);
    assertThat(ended).hasSize(1);
  }

  @Test
  void aRoleThatShrinksEndsWhatItNoLongerCoversAndFollowsWhatItDoes() {
    access.apply(policy(tokens("admin")));
    var stays = lease(OPS, Surface.NOC, Route.Access.VIEWER);
    watch(stays);
    watch(lease(OPS, Surface.ADMIN, Route.Access.ADMIN));
    assertThat(stays.allows(Surface.PUBLISH, Role.PUBLISHER)).isTrue();
    access.apply(policy(tokens("viewer")));
    pass(PERIOD);
    assertThat(ended).containsExactly(Lease.End.FORBIDDEN);
    assertThat(stays.principal().role()).isEqualTo(Role.VIEWER);
    assertThat(stays.allows(Surface.PUBLISH, Role.PUBLISHER)).isFalse();
    access.apply(policy(tokens("viewer"), "auth.anonymous=publish"));
    assertThat(stays.allows(Surface.PUBLISH, Role.PUBLISHER)).isTrue();
    assertThat(stays.allows(Surface.ADMIN, Role.OPERATOR)).isFalse();
  }

  @Test
  void anExpiredTokenEndsItsConnection() {
    access.apply(policy(JWT));
    watch(lease(signed("{\"sub\":\"a\",\"exp\":" + (NOW + 5) + "}"), Surface.WSE, client()));
    watch(lease(signed("{\"sub\":\"b\",\"exp\":" + (NOW + 9) + "}"), Surface.WSE, client()));
    pass(Duration.ofSeconds(4));
    assertThat(ended).isEmpty();
    pass(PERIOD);
    assertThat(ended).containsExactly(Lease.End.EXPIRED);
    pass(Duration.ofSeconds(4));
    assertThat(ended).containsExactly(Lease.End.EXPIRED, Lease.End.EXPIRED);
  }

  private static Route.Access client() {
    return Route.Access.CLIENT;
  }

  @Test
  void orNotWhenSoConfigured() {
    access.apply(policy(JWT, "auth.close_on_expiry=false"));
    watch(lease(signed("{\"sub\":\"a\",\"exp\":" + (NOW + 5) + "}"), Surface.WSE, client()));
    pass(Duration.ofSeconds(60));
    assertThat(ended).isEmpty();
    access.apply(policy(JWT));
    pass(PERIOD);
    assertThat(ended).containsExactly(Lease.End.EXPIRED);
  }

  @Test
  void turningAuthenticationOnEndsWhoNeverShowedAnything() {
    watch(lease("whatever", Surface.WSE, client()));
    access.apply(policy(JWT));
    pass(PERIOD);
    assertThat(ended).containsExactly(Lease.End.REVOKED);
  }

  @Test
  void aPolicyThatChangesDuringTheHandshakeIsNotMissed() {
    access.apply(policy(tokens("admin")));
    pass(PERIOD);
    var lease = lease(OPS, Surface.WSE, client());
    access.apply(policy(JWT));
    pass(PERIOD); // the round for this policy is over before the connection is watched
    watch(lease);
    channel.runPendingTasks();
    assertThat(ended).containsExactly(Lease.End.REVOKED);
  }

  @Test
  void manyLeasesAreLookedAtInSeveralTurnsAndThoseThatLeaveAreNotTold() {
    access.apply(policy(tokens("admin"), JWT));
    var watched = new ArrayList<LeaseWatch.Watched>();
    for (int i = 0; i < 10_000; i++) {
      boolean fixed = i % 2 == 0;
      watched.add(watch(lease(fixed ? OPS : good("a" + i % 7, null), Surface.WSE, client())));
    }
    for (int i = 0; i < 10_000; i += 4) {
      watched.get(i).forget();
      watched.get(i).forget();
    }
    access.apply(policy(JWT));
    clock.advance(PERIOD);
    channel.runPendingTasks();
    assertThat(ended).hasSize(2_500).containsOnly(Lease.End.REVOKED);
  }

  @Test
  void anotherLoopIsAProgrammersError() {
    var elsewhere = Loop.over(new EmbeddedChannel().eventLoop(), clock, metrics);
    var lease = lease("x", Surface.WSE, client());
    assertThatThrownBy(() -> watch.watch(elsewhere, lease, ended::add))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
