package dev.millrace.gateway.auth;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.limit.Rate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything that decides about callers, ready for use: keys are read, secrets are fingerprints or
/// inside verifiers. Immutable.
public final class AuthPolicy {
  /// No authentication.
  public static final AuthPolicy NONE =
      new AuthPolicy(AuthSpec.NONE, List.of(), Fingerprint.of(""));

  private static final int MOST_KEYS = 100;

  private final AuthSpec spec;
  private final StaticTokens tokens;
  private final @Nullable JwtVerifier jwts;
  private final Set<Surface> anonymous;
  private final Rate failures;
  private final Fingerprint files;

  private AuthPolicy(AuthSpec spec, List<JwtKey> keys, Fingerprint files) {
    this.spec = spec;
    this.tokens = new StaticTokens(spec.tokens());
    this.jwts = keys.isEmpty() ? null : new JwtVerifier(spec.jwt(), keys);
    var surfaces = EnumSet.noneOf(Surface.class);
    surfaces.addAll(spec.anonymous());
    this.anonymous = Collections.unmodifiableSet(surfaces);
    var limit = spec.failuresPerAddress();
    this.failures = new Rate(limit.capacity(), limit.refillRate());
    this.files = files;
  }

  /// Makes the policy that `spec` asks for and reads its key files, which stand relative to `base`.
  /// Every problem is added to `problems`; empty when one is an error. `where` is the section.
  public static Optional<AuthPolicy> read(
      AuthSpec spec, Path base, Location where, Problems problems) {
    int before = problems.errorCount();
    var files = new KeyFiles(base, where.child("jwt"), problems);
    var jwt = spec.jwt();
    var keys = new ArrayList<JwtKey>();
    if (jwt.secret() != null) {
      keys.add(JwtKey.shared(null, jwt.secret()));
    }
    jwt.previousSecrets().forEach(secret -> keys.add(JwtKey.shared(null, secret)));
    for (int i = 0; i < jwt.keys().size(); i++) {
      var key = files.key(jwt.keys().get(i), i);
      if (key != null) {
        keys.add(key);
      }
    }
    if (jwt.jwksFile() != null) {
      keys.addAll(files.keySet(jwt.jwksFile()));
    }
    var kids = new HashSet<String>();
    for (var key : keys) {
      if (key.kid() != null && !kids.add(key.kid())) {
        problems.error(
            "E_DUPLICATE_KID",
            where.child("jwt"),
            "two keys have the kid " + key.kid(),
            "Remove one from auth.jwt.keys or from the key set.");
      }
    }
    if (keys.size() > MOST_KEYS) {
      problems.error(
          "E_TOO_MANY_KEYS",
          where.child("jwt"),
          keys.size() + " keys are more than " + MOST_KEYS,
          "A token without kid is tried with each of them; remove those no longer in use.");
    }
    return problems.errorCount() > before
        ? Optional.empty()
        : Optional.of(new AuthPolicy(spec, keys, files.fingerprint()));
  }

  /// Whether anybody is asked for credentials.
  public boolean isConfigured() {
    return spec.isConfigured();
  }

  /// Surfaces that are open to callers without credentials.
  public Set<Surface> anonymous() {
    return anonymous;
  }

  /// Whether `other` decides the same, its key files included: a reload that finds this need not
  /// apply anything.
  public boolean isSameAs(AuthPolicy other) {
    return spec.equals(other.spec) && files.equals(other.files);
  }

  boolean isAnonymous(Surface surface) {
    return anonymous.contains(surface);
  }

  StaticTokens tokens() {
    return tokens;
  }

  /// Null when there is no key to check any with.
  @Nullable JwtVerifier jwts() {
    return jwts;
  }

  Rate failures() {
    return failures;
  }

  boolean takesQueryTokens() {
    return spec.queryToken();
  }

  boolean closesOnExpiry() {
    return spec.closeOnExpiry();
  }
}
