package dev.millrace.gateway.auth;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.core.time.SystemClock;
import dev.millrace.gateway.event.Rejects;
import dev.millrace.gateway.limit.AddressLimiter;
import dev.millrace.gateway.limit.RecentMap;
import dev.millrace.net.http.RequestHead;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Decides about every caller by the policy of the moment. Safe from any thread, never blocks; what
/// takes long to compute is computed on a thread of its own, a bounded number at a time.
///
/// Without a configured policy everybody on loopback is trusted. With one, credentials are asked
/// for everywhere, on loopback too, but for routes that are open to all and surfaces that the
/// policy opens to anonymous callers; bad credentials are refused even there. A caller's failures
/// are counted by address before anything is computed for it.
public final class AccessControl implements AutoCloseable {
  private static final int ADDRESSES = 65_536;
  private static final int VERIFIED_TOKENS = 32_768;
  private static final Identity NOBODY = new Identity.Nobody();
  private static final Identity UNKNOWN = new Identity.Impostor("Unknown token");
  private static final Identity UNHEARD = new Identity.Unheard();
  private static final Admission.Rejected BUSY =
      new Admission.Rejected(
          503, "BUSY", "too many tokens are waiting to be checked; try again in a second");

  /// The policy and what was learned under it.
  private record Gate(
      AuthPolicy policy, RecentMap<Fingerprint, TrustedJwt> verified, long generation) {}

  private final Clock clock;
  private final Metrics metrics;
  private final Rejects rejects;
  private final AddressLimiter failures;
  private final SignatureThread signatures;
  private volatile Gate gate; // written by apply, under the lock

  /// Begins without authentication.
  public AccessControl(Clock clock, Metrics metrics) {
    this(new Rejects(clock), clock, metrics);
  }

  /// The same; `rejects` hears of everybody who is turned away.
  public AccessControl(Rejects rejects, Clock clock, Metrics metrics) {
    this(rejects, clock, metrics, new SignatureThread());
  }

  AccessControl(Rejects rejects, Clock clock, Metrics metrics, SignatureThread signatures) {
    this.clock = clock;
    this.metrics = metrics;
    this.rejects = rejects;
    this.signatures = signatures;
    this.failures = new AddressLimiter(ADDRESSES, clock);
    this.gate = new Gate(AuthPolicy.NONE, new RecentMap<>(VERIFIED_TOKENS), 0);
  }

  /// Lets everybody on loopback in as a trusted local caller: a server without authentication.
  public static AccessControl open() {
    return new AccessControl(new SystemClock(), new Metrics());
  }

  /// Decides by `policy` from now on. Connections that it would not let in are found by the
  /// [LeaseWatch]. Does nothing when it is the policy of the moment: what was learned under it
  /// stays known.
  public synchronized void apply(AuthPolicy policy) {
    if (policy.isSameAs(gate.policy)) {
      return;
    }
    gate = new Gate(policy, new RecentMap<>(VERIFIED_TOKENS), gate.generation + 1);
  }

  /// The policy of the moment.
  public AuthPolicy policy() {
    return gate.policy;
  }

  /// Whether the caller of `head` may use what needs `access` on `surface`.
  ///
  /// Known at once, unless the signature of a key pair has to be checked that was not seen lately;
  /// then it completes on another thread. When too many of those wait already, the caller is told
  /// to come back.
  public CompletableFuture<Admission> decide(
      RequestHead head, Surface surface, Route.Access access) {
    if (!takesLong(head, surface, access)) {
      return CompletableFuture.completedFuture(admit(head, surface, access));
    }
    try {
      return CompletableFuture.supplyAsync(() -> admit(head, surface, access), signatures);
    } catch (RejectedExecutionException full) {
      record(surface, BUSY, head.remoteAddress());
      return CompletableFuture.completedFuture(BUSY);
    }
  }

  /// Why the caller is refused, as far as that is known without computing for long; null where it
  /// is not, or where the caller is let in.
  public Admission.@Nullable Rejected objection(
      RequestHead head, Surface surface, Route.Access access) {
    return !takesLong(head, surface, access)
            && admit(head, surface, access) instanceof Admission.Rejected rejected
        ? rejected
        : null;
  }

  /// What [#decide] comes to, computed on the calling thread however long it takes.
  public Admission admit(RequestHead head, Surface surface, Route.Access access) {
    var now = gate;
    var door = door(head, surface, access);
    var address = head.remoteAddress();
    if (!now.policy.isConfigured() || door.isOpen()) {
      return decide(now, door, NOBODY, address);
    }
    var credential = Credential.of(head, now.policy.takesQueryTokens());
    var identity = credential == null ? NOBODY : identify(now, credential, address);
    return decide(now, door, identity, address);
  }

  /// Takes nothing more that takes long.
  @Override
  public void close() {
    signatures.close();
  }

  private boolean takesLong(RequestHead head, Surface surface, Route.Access access) {
    var now = gate;
    var jwts = now.policy.jwts();
    if (jwts == null || !jwts.takesLong() || door(head, surface, access).isOpen()) {
      return false;
    }
    var credential = Credential.of(head, now.policy.takesQueryTokens());
    if (credential == null
        || credential.length() > Credential.MAX_LENGTH
        || failures.isExhausted(head.remoteAddress(), now.policy.failures())) {
      return false;
    }
    var fingerprint = Fingerprint.of(credential);
    return now.policy.tokens().find(fingerprint) == null && now.verified.get(fingerprint) == null;
  }

  private static Door door(RequestHead head, Surface surface, Route.Access access) {
    return new Door(surface, access, arrival(head.localAddress()));
  }

  /// Who hears of callers that are turned away, for other reasons too.
  public Rejects rejects() {
    return rejects;
  }

  // For leases.

  long generation() {
    return gate.generation;
  }

  long nowSeconds() {
    return Math.floorDiv(clock.epochMillis(), 1_000L);
  }

  Lease.@Nullable End endOf(Lease lease) {
    var now = gate;
    if (nowSeconds() >= expiry(now.policy, lease.identity())) {
      return Lease.End.EXPIRED;
    }
    if (lease.generation() == now.generation) {
      return null;
    }
    var identity = again(now.policy, lease.identity());
    return switch (judge(now, lease.door(), identity, lease.address())) {
      case Judgement.Pass(var principal) -> {
        // Where nobody is asked, a caller that would not be known stays who it was for later.
        var kept = identity instanceof Identity.Impostor ? lease.identity() : identity;
        lease.renew(kept, principal, now.generation);
        yield null;
      }
      case Judgement.Fail(var rejected) ->
          rejected.status() == 403 ? Lease.End.FORBIDDEN : Lease.End.REVOKED;
    };
  }

  boolean allows(Lease lease, Surface surface, Role least) {
    var policy = gate.policy;
    return !policy.isConfigured()
        || lease.principal().may(least)
        || (policy.isAnonymous(surface) && Role.PUBLISHER.covers(least));
  }

  /// The epoch second from which the lease has ended by itself.
  long expiryOf(Lease lease) {
    return expiry(gate.policy, lease.identity());
  }

  private static long expiry(AuthPolicy policy, Identity identity) {
    var jwts = policy.jwts();
    return jwts != null && policy.closesOnExpiry() && identity instanceof Identity.Signed(var jwt)
        ? jwts.expiryOf(jwt)
        : Long.MAX_VALUE;
  }

  // Who is it?

  private Identity identify(Gate now, String credential, String address) {
    var rate = now.policy.failures();
    if (failures.isExhausted(address, rate)) {
      return UNHEARD;
    }
    var identity =
        credential.length() > Credential.MAX_LENGTH
            ? new Identity.Impostor("Malformed JWT token")
            : recognised(now, credential);
    if (identity instanceof Identity.Impostor) {
      failures.take(address, rate);
    }
    return identity;
  }

  private Identity recognised(Gate now, String credential) {
    var fingerprint = Fingerprint.of(credential);
    var bearer = now.policy.tokens().find(fingerprint);
    if (bearer != null) {
      return new Identity.Bearer(bearer, fingerprint);
    }
    var jwts = now.policy.jwts();
    if (jwts == null) {
      return UNKNOWN;
    }
    var known = now.verified.get(fingerprint);
    if (known != null) {
      return nowSeconds() >= jwts.expiryOf(known)
          ? new Identity.Impostor(JwtVerifier.EXPIRED.message())
          : new Identity.Signed(known);
    }
    metrics.counter(AuthMetric.VERIFIED).inc();
    return switch (jwts.verify(credential, nowSeconds())) {
      case JwtVerifier.Verdict.Refused(var message) -> new Identity.Impostor(message);
      case JwtVerifier.Verdict.Trusted(var jwt) -> {
        now.verified.put(fingerprint, jwt);
        yield new Identity.Signed(jwt);
      }
    };
  }

  /// The same caller under another policy.
  private static Identity again(AuthPolicy policy, Identity identity) {
    return switch (identity) {
      case Identity.Bearer(var _, var token) -> {
        var principal = policy.tokens().find(token);
        yield principal == null ? UNKNOWN : new Identity.Bearer(principal, token);
      }
      case Identity.Signed(var jwt) -> {
        var jwts = policy.jwts();
        if (jwts == null) {
          yield UNKNOWN;
        }
        var objection = jwts.objectionTo(jwt);
        yield objection == null ? identity : new Identity.Impostor(objection.message());
      }
      case Identity.Nobody _, Identity.Impostor _, Identity.Unheard _ -> identity;
    };
  }

  // May it?

  private sealed interface Judgement {
    record Pass(Principal principal) implements Judgement {}

    record Fail(Admission.Rejected rejected) implements Judgement {}
  }

  private Admission decide(Gate now, Door door, Identity identity, String address) {
    return switch (judge(now, door, identity, address)) {
      case Judgement.Pass(var principal) ->
          new Admission.Admitted(
              principal, new Lease(this, door, address, identity, principal, now.generation));
      case Judgement.Fail(var rejected) -> {
        record(door.surface(), rejected, address);
        yield rejected;
      }
    };
  }

  private static Judgement judge(Gate now, Door door, Identity identity, String address) {
    if (!now.policy.isConfigured()) {
      return door.trustsLocal()
          ? new Judgement.Pass(Principal.local(address))
          : fail(
              401,
              "AUTH_REQUIRED",
              "this address is public and the server has no authentication configured");
    }
    if (door.isOpen()) {
      return new Judgement.Pass(new Principal(address, Principal.Kind.ANONYMOUS, null));
    }
    return switch (identity) {
      case Identity.Nobody() ->
          door.isOpenToNobody(now.policy)
              ? new Judgement.Pass(new Principal(address, Principal.Kind.ANONYMOUS, door.least()))
              : fail(401, "AUTH_REQUIRED", "No access_token cookie or Authorization header");
      case Identity.Bearer(var principal, var _) -> judge(now.policy, door, principal);
      case Identity.Signed(var jwt) -> judge(now.policy, door, jwt.principal());
      case Identity.Impostor(var message) -> fail(401, "AUTH_FAILED", message);
      case Identity.Unheard() ->
          fail(
              429,
              "RATE_LIMITED",
              "too many failed attempts from this address; try again in a few seconds");
    };
  }

  private static Judgement judge(AuthPolicy policy, Door door, Principal principal) {
    var least = door.least();
    if (least == null || principal.may(least)) {
      return new Judgement.Pass(principal);
    }
    if (door.isOpenToNobody(policy)) {
      return new Judgement.Pass(new Principal(principal.name(), principal.kind(), least));
    }
    var role = principal.role();
    var message =
        "this needs the role "
            + least.label()
            + "; the token has "
            + (role == null ? "none" : role.label());
    return new Judgement.Fail(new Admission.Rejected(403, "FORBIDDEN", message, principal));
  }

  private static Judgement fail(int status, String code, String message) {
    return new Judgement.Fail(new Admission.Rejected(status, code, message));
  }

  private void record(Surface surface, Admission.Rejected rejected, String address) {
    var reason =
        switch (rejected.status()) {
          case 401 -> "Unauthorized";
          case 403 -> "Forbidden";
          case 503 -> "Busy";
          default -> "RateLimited";
        };
    metrics.counter(AuthMetric.REJECTED, rejected.code().toLowerCase(java.util.Locale.ROOT)).inc();
    rejects.rejected(surface.label(), reason, rejected.message(), address);
  }

  private static Door.Arrival arrival(InetSocketAddress local) {
    if (local.getAddress() == null) {
      return Door.Arrival.NOWHERE;
    }
    return local.getAddress().isLoopbackAddress() ? Door.Arrival.LOOPBACK : Door.Arrival.PUBLIC;
  }
}
