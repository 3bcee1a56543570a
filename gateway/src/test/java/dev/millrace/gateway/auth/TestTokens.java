package dev.millrace.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Policies out of `auth.key=value`, and tokens signed by the library itself, not by our mint.
public final class TestTokens {
  /// A secret that is just long enough.
  public static final String SECRET = "0123456789abcdef0123456789abcdef";

  /// The start of `FakeClock`, in seconds.
  public static final long NOW = 1_750_000_000L;

  private TestTokens() {}

  /// The whole section.
  record Section(AuthSpec auth) {}

  static java.util.Optional<AuthSpec> spec(Problems problems, String... assignments) {
    var tree =
        Overrides.set(Tree.Mapping.empty(Location.of("test")), List.of(assignments), problems);
    return Spec.of(Section.class).read(tree, problems).map(Section::auth);
  }

  public static AuthPolicy policy(String... assignments) {
    return policy(Path.of("."), assignments);
  }

  static AuthPolicy policy(Path base, String... assignments) {
    var problems = new Problems();
    return spec(problems, assignments)
        .flatMap(spec -> AuthPolicy.read(spec, base, Location.of("test"), problems))
        .orElseThrow(() -> new IllegalArgumentException(problems.toString()));
  }

  /// A token of `auth.jwt.secret=`[#SECRET] that is good for an hour from the fake clock's start.
  public static String good(String subject, @Nullable String role) {
    var words = role == null ? "" : ",\"role\":\"" + role + "\"";
    return signed("{\"sub\":\"" + subject + "\",\"exp\":" + (NOW + 3_600) + words + "}");
  }

  public static String signed(String claims) {
    return signed(SECRET, claims);
  }

  static String signed(String secret, String claims) {
    try {
      var key = new MACSigner(secret.getBytes(StandardCharsets.UTF_8));
      return signed(new JWSHeader(JWSAlgorithm.HS256), claims, key);
    } catch (JOSEException broken) {
      throw new IllegalArgumentException(broken);
    }
  }

  static String signed(JWSHeader header, String claims, JWSSigner key) {
    try {
      var token = new JWSObject(header, new Payload(claims));
      token.sign(key);
      return token.serialize();
    } catch (JOSEException broken) {
      throw new IllegalArgumentException(broken);
    }
  }
}
