package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AuthPolicyTest {
  private static final String HIDDEN = "do-not-show-me";

  private static String token(String name, String token) {
    return "{\"name\":\"" + name + "\",\"token\":\"" + token + "\",\"role\":\"viewer\"}";
  }

  /// Configurations that are wrong, and what is said of them. None may repeat a secret.
  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("auth.jwt.secret=" + HIDDEN, "has 14 bytes; HS256 needs at least 32"),
        Arguments.of("auth.jwt.secret=" + HIDDEN, "openssl rand -hex 32"),
        Arguments.of("auth.jwt.secret=", "has 0 bytes"),
        Arguments.of(
            "auth.jwt.previous_secrets=[\"" + HIDDEN + "\"]", "previous_secrets/0 has 14 bytes"),
        Arguments.of("auth.jwt.issuer=somebody", "not how they are signed"),
        Arguments.of("auth.tokens=[" + token("a", HIDDEN) + "]", "the token a has 14 characters"),
        Arguments.of("auth.tokens=[" + token("a", HIDDEN) + "]", "openssl rand -hex 32"),
        Arguments.of(
            "auth.tokens=[" + token("a", HIDDEN + "; path=/") + "]", "that a cookie cannot carry"),
        Arguments.of("auth.tokens=[" + token("a", HIDDEN + "\\n\\n\\n") + "]", "or a line end"),
        Arguments.of("auth.tokens=[" + token("a", HIDDEN.repeat(100)) + "]", "longer than 1024"),
        Arguments.of(
            "auth.tokens=[" + token("a b", HIDDEN + HIDDEN) + "]", "the name of a token holds"),
        Arguments.of(
            "auth.tokens=["
                + token("a", HIDDEN + "-1-1-1")
                + ","
                + token("a", HIDDEN + "-2-2-2")
                + "]",
            "two tokens are called a"),
        Arguments.of(
            "auth.tokens=[" + token("a", HIDDEN + HIDDEN) + "," + token("b", HIDDEN + HIDDEN) + "]",
            "the token b is the same as another one"),
        Arguments.of(
            "auth.tokens=[{\"name\":\"a\",\"token\":\"" + HIDDEN + HIDDEN + "\"}]",
            "the key role is missing"),
        Arguments.of("auth.anonymous=everything", "anonymous wants one of wse, sse"),
        Arguments.of(
            "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\"HS256\",\"public_key_file\":\"f\"}]",
            "the key k is of HS256 and needs secret, not public_key_file"),
        Arguments.of(
            "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\"ES256\",\"secret\":\"" + HIDDEN + "\"}]",
            "the key k is of ES256 and needs public_key_file, not secret"),
        Arguments.of(
            "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\"HS256\",\"secret\":\"" + HIDDEN + "\"}]",
            "the secret of the key k has 14 bytes"),
        Arguments.of(
            "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\"HS512\",\"secret\":\"" + HIDDEN + "\"}]",
            "algorithm wants one of"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void aWrongConfigurationIsExplainedWithoutItsSecrets(String assignment, String explanation) {
    var problems = new Problems();
    assertThat(TestTokens.spec(problems, assignment)).isEmpty();
    assertThat(
            problems.all().stream()
                .map(problem -> problem.what() + " " + problem.fix())
                .toList()
                .toString())
        .contains(explanation)
        .doesNotContain(HIDDEN);
  }

  @Test
  void twoKeysOfOneNameAreRefused(@TempDir Path folder) throws Exception {
    var key = "{\"kid\":\"k\",\"algorithm\":\"HS256\",\"secret\":\"" + "s".repeat(32) + "\"}";
    var problems = new Problems();
    assertThat(TestTokens.spec(problems, "auth.jwt.keys=[" + key + "," + key + "]")).isEmpty();
    assertThat(problems.toString()).contains("two keys have the kid k");
    var set = new JWKSet(new OctetSequenceKeyGenerator(256).keyID("k").generate());
    Files.writeString(folder.resolve("set.json"), set.toString(false));
    assertThat(read(folder, "auth.jwt.jwks_file=set.json", "auth.jwt.keys=[" + key + "]"))
        .contains("two keys have the kid k");
  }

  @Test
  void nothingThatIsPrintedHoldsASecret() {
    var problems = new Problems();
    var spec =
        TestTokens.spec(
                problems,
                "auth.jwt.secret=" + HIDDEN.repeat(3),
                "auth.jwt.previous_secrets=[\"" + HIDDEN.repeat(4) + "\"]",
                "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\"HS256\",\"secret\":\""
                    + HIDDEN.repeat(5)
                    + "\"}]",
                "auth.tokens=[" + token("ops", HIDDEN.repeat(2)) + "]")
            .orElseThrow();
    assertThat(spec.toString()).contains("name=ops").doesNotContain(HIDDEN);
    var access = new AccessControl(new FakeClock(), new Metrics());
    access.apply(AuthPolicy.read(spec, Path.of("."), Location.of("test"), problems).orElseThrow());
    var head = Callers.caller("127.0.0.1", "authorization: Bearer " + HIDDEN.repeat(2));
    var admission = access.admit(head, Surface.API, Route.Access.VIEWER);
    assertThat(admission).isInstanceOf(Admission.Admitted.class);
    assertThat(admission.toString()).contains("ops").doesNotContain(HIDDEN);
    assertThat(Fingerprint.of(HIDDEN).toString()).isEqualTo("***");
  }

  private static String read(Path base, String... assignments) {
    var problems = new Problems();
    var spec = TestTokens.spec(problems, assignments).orElseThrow();
    var policy = AuthPolicy.read(spec, base, Location.of("millrace.yaml"), problems);
    assertThat(policy.isEmpty()).isEqualTo(problems.hasErrors());
    return problems.toString();
  }

  private static String keys(String algorithm, String file) {
    return "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\""
        + algorithm
        + "\",\"public_key_file\":\""
        + file
        + "\"}]";
  }

  private static void pem(Path file, String kind, byte[] der) throws Exception {
    var body = java.util.Base64.getMimeEncoder().encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
  }

  @Test
  void keyFilesThatCannotBeUsedAreExplainedAtTheirPlace(@TempDir Path folder) throws Exception {
    var small = java.security.KeyPairGenerator.getInstance("RSA");
    small.initialize(1_024);
    var rsa = new RSAKeyGenerator(2_048).generate();
    var wide = new ECKeyGenerator(Curve.P_384).generate();
    pem(
        folder.resolve("small.pem"),
        "PUBLIC KEY",
        small.generateKeyPair().getPublic().getEncoded());
    pem(folder.resolve("rsa.pem"), "PUBLIC KEY", rsa.toRSAPublicKey().getEncoded());
    pem(folder.resolve("private.pem"), "PRIVATE KEY", rsa.toRSAPrivateKey().getEncoded());
    pem(folder.resolve("wide.pem"), "PUBLIC KEY", wide.toECPublicKey().getEncoded());
    pem(folder.resolve("odd.pem"), "DH PARAMETERS", new byte[10]);
    pem(folder.resolve("broken.pem"), "PUBLIC KEY", new byte[10]);
    pem(folder.resolve("certificate.pem"), "CERTIFICATE", new byte[10]);
    Files.writeString(folder.resolve("text"), "hello");
    Files.write(folder.resolve("large"), new byte[(1 << 20) + 1]);

    assertThat(read(folder, keys("RS256", "rsa.pem"))).isEmpty();
    assertThat(read(folder, keys("RS256", "none.pem")))
        .contains("/jwt/keys/0/public_key_file")
        .contains("cannot be read: NoSuchFileException")
        .contains("a relative path starts from " + folder);
    assertThat(read(folder, keys("ES256", "rsa.pem"))).contains("is for RS256 and not for ES256");
    assertThat(read(folder, keys("RS256", "small.pem"))).contains("fewer than 2048 bits");
    assertThat(read(folder, keys("RS256", "private.pem"))).contains("openssl pkey -in KEY -pubout");
    assertThat(read(folder, keys("ES256", "wide.pem"))).contains("another curve than P-256");
    assertThat(read(folder, keys("RS256", "odd.pem"))).contains("holds a DH PARAMETERS");
    assertThat(read(folder, keys("RS256", "broken.pem"))).contains("neither of RSA nor");
    assertThat(read(folder, keys("RS256", "certificate.pem"))).contains("something broken in it");
    assertThat(read(folder, keys("RS256", "text"))).contains("is not PEM");
    assertThat(read(folder, keys("RS256", "large"))).contains("larger than 1 MiB");
    assertThat(read(folder, "auth.jwt.jwks_file=text")).contains("is not a JSON web key set");
    assertThat(read(folder, keys("RS256", "text"), "auth.jwt.jwks_file=none"))
        .contains("is not PEM")
        .contains("/jwt/jwks_file");
  }

  @Test
  void aKeySetGivesWhatItHasForUs(@TempDir Path folder) throws Exception {
    var sound = new ECKeyGenerator(Curve.P_256).keyID("a").generate().toPublicJWK();
    var sealing =
        new RSAKeyGenerator(2_048).keyUse(KeyUse.ENCRYPTION).keyID("b").generate().toPublicJWK();
    var wide = new ECKeyGenerator(Curve.P_521).keyID("c").generate().toPublicJWK();
    var short_ = JWK.parse("{\"kty\":\"oct\",\"kid\":\"d\",\"k\":\"AAAA\"}");
    var other =
        JWK.parse(
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"e\",\"x\":\""
                + "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
    Files.writeString(
        folder.resolve("set"),
        new JWKSet(List.of(sound, sealing, wide, short_, other)).toString(false));
    assertThat(read(folder, "auth.jwt.jwks_file=set"))
        .contains("is for encryption")
        .contains("is on another curve than P-256")
        .contains("has a secret of fewer than 32 bytes")
        .contains("of a kind that this server does not take")
        .doesNotContain("error");
    var spoilt = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"f\",\"x\":\"AA\",\"y\":\"AA\"}";
    Files.writeString(
        folder.resolve("set"),
        "{\"keys\":[" + spoilt + ",7,{\"kty\":\"new\"}," + sound.toJSONString() + "]}");
    assertThat(read(folder, "auth.jwt.jwks_file=set"))
        .as("one key that cannot be read does not take the others with it")
        .contains("cannot be read")
        .doesNotContain("error");
    Files.writeString(folder.resolve("set"), new JWKSet(List.of(sealing)).toString(false));
    assertThat(read(folder, "auth.jwt.jwks_file=set")).contains("has no key for HS256");
  }

  @Test
  void arbitraryBytesInKeyFilesAreProblemsAndNeverExceptions(@TempDir Path folder)
      throws Exception {
    var good = new JWKSet(new ECKeyGenerator(Curve.P_256).generate()).toString(true);
    var pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n";
    long seed = System.nanoTime();
    var random = new Random(seed);
    var file = folder.resolve("file");
    for (int i = 0; i < 1_000; i++) {
      var bytes = (i % 2 == 0 ? good : pem).getBytes(StandardCharsets.UTF_8);
      for (int edits = random.nextInt(8); edits >= 0; edits--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, bytes);
      var assignment = i % 2 == 0 ? "auth.jwt.jwks_file=file" : keys("ES256", "file");
      assertThat(read(folder, assignment)).as("seed %d", seed).isNotNull();
    }
  }

  @Test
  void twoPoliciesAreTheSameUntilAKeyFileChanges(@TempDir Path folder) throws Exception {
    var file = folder.resolve("set");
    Files.writeString(file, new JWKSet(new ECKeyGenerator(Curve.P_256).generate()).toString(true));
    var before = TestTokens.policy(folder, "auth.jwt.jwks_file=set");
    assertThat(before.isSameAs(TestTokens.policy(folder, "auth.jwt.jwks_file=set"))).isTrue();
    assertThat(before.isSameAs(TestTokens.policy(folder, "auth.jwt.secret=" + SECRET))).isFalse();
    Files.writeString(file, new JWKSet(new ECKeyGenerator(Curve.P_256).generate()).toString(true));
    assertThat(before.isSameAs(TestTokens.policy(folder, "auth.jwt.jwks_file=set"))).isFalse();
  }

  @Test
  void anEmptySectionIsNoAuthentication() {
    var policy = TestTokens.policy("auth.query_token=true", "auth.anonymous=wse");
    assertThat(policy.isConfigured()).isFalse();
    assertThat(policy.anonymous()).containsExactly(Surface.WSE);
    assertThat(AuthPolicy.NONE.isConfigured()).isFalse();
    assertThat(AuthSpec.NONE.isConfigured()).isFalse();
  }

  @Test
  void theMintMakesWhatTheSamePolicyTrusts() throws Exception {
    var problems = new Problems();
    var clock = new FakeClock();
    var named =
        "auth.jwt.keys=[{\"kid\":\"k\",\"algorithm\":\"HS256\",\"secret\":\""
            + "k".repeat(32)
            + "\"}]";
    for (var secret : List.of("auth.jwt.secret=" + SECRET, named)) {
      var spec =
          TestTokens.spec(problems, secret, "auth.jwt.issuer=us", "auth.jwt.audience=you")
              .orElseThrow();
      var policy = AuthPolicy.read(spec, Path.of("."), Location.of("test"), problems).orElseThrow();
      var access = new AccessControl(clock, new Metrics());
      access.apply(policy);
      var operator = TokenMint.mint(spec.jwt(), Role.OPERATOR, "ann", Duration.ofMinutes(5), clock);
      assertThat(seen(access, operator)).isEqualTo("admitted ann JWT OPERATOR");
      var client = TokenMint.mint(spec.jwt(), null, "bob", Duration.ofMinutes(5), clock);
      assertThat(seen(access, client)).isEqualTo("admitted bob JWT null");
      clock.advance(Duration.ofMinutes(5));
      assertThat(seen(access, client)).isEqualTo("401 AUTH_FAILED Token expired");
    }
  }

  private static String seen(AccessControl access, String token) {
    var head = Callers.caller("127.0.0.1", "authorization: Bearer " + token);
    return Callers.describe(access.admit(head, Surface.WSE, Route.Access.CLIENT));
  }

  @Test
  void withoutASecretNothingIsMinted() {
    assertThatThrownBy(
            () ->
                TokenMint.mint(
                    AuthSpec.NONE.jwt(), null, "ann", Duration.ofHours(1), new FakeClock()))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("there is no secret to sign with");
  }
}
