package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.NOW;
import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.policy;
import static dev.millrace.gateway.auth.TestTokens.signed;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JwtVerifierTest {
  private static final String OTHER = "another-secret-another-secret-32";
  private static RSAKey rsa = unset();
  private static ECKey curve = unset();
  @TempDir private static Path folder = unset();

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
  private static <T> T unset() {
    return null;
  }

  @BeforeAll
  static void makeKeys() throws Exception {
    rsa = new RSAKeyGenerator(2_048).keyID("rsa-1").generate();
    curve = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
    pem("rsa.pem", rsa.toRSAPublicKey());
    pem("ec.pem", curve.toECPublicKey());
    Files.writeString(
        folder.resolve("jwks.json"),
        new JWKSet(List.of(rsa.toPublicJWK(), curve.toPublicJWK())).toString());
  }

  private static void pem(String name, PublicKey key) throws IOException {
    var body = Base64.getMimeEncoder().encodeToString(key.getEncoded());
    Files.writeString(
        folder.resolve(name),
        "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n");
  }

  private static JwtVerifier verifier(String... jwtKeys) {
    var keys = Stream.of(jwtKeys).map(key -> "auth.jwt." + key).toArray(String[]::new);
    var made = policy(folder, keys).jwts();
    if (made == null) {
      throw new AssertionError("no key in " + List.of(jwtKeys));
    }
    return made;
  }

  private static String judge(JwtVerifier verifier, String token) {
    return switch (verifier.verify(token, NOW)) {
      case JwtVerifier.Verdict.Trusted(var jwt) ->
          jwt.principal().name() + " " + jwt.principal().role();
      case JwtVerifier.Verdict.Refused(var message) -> message;
    };
  }

  private static String token(JWSHeader.Builder header, String claims, JWSSigner key) {
    return signed(header.build(), claims, key);
  }

  private static final String CLAIMS = "{\"sub\":\"ann\",\"exp\":" + (NOW + 60) + "}";

  static Stream<Arguments> claims() {
    var later = "\"exp\":" + (NOW + 60);
    return Stream.of(
        Arguments.of("{\"sub\":\"ann\"," + later + "}", "ann null"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"role\":\"publisher\"}", "ann PUBLISHER"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"role\":null}", "ann null"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"role\":\"Admin\"}", "Unknown role"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"role\":\"root\"}", "Unknown role"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"role\":[\"admin\"]}", "Unknown role"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":" + (NOW + 1) + "}", "ann null"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":" + NOW + "}", "Token expired"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":-1}", "Token expired"),
        Arguments.of("{\"sub\":\"ann\"}", "Invalid JWT payload"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":1e99}", "Invalid JWT payload"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":" + NOW + "99.5}", "Invalid JWT payload"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":\"" + NOW + "99\"}", "Invalid JWT payload"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":99999999999999999999}", "Invalid JWT payload"),
        Arguments.of("{\"sub\":\"ann\",\"exp\":9223372036854775807}", "ann null"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"nbf\":" + NOW + "}", "ann null"),
        Arguments.of(
            "{\"sub\":\"ann\"," + later + ",\"nbf\":" + (NOW + 1) + "}", "Token not valid yet"),
        Arguments.of("{\"sub\":\"ann\"," + later + ",\"nbf\":\"now\"}", "Invalid JWT payload"),
        Arguments.of("{" + later + "}", "Token missing user ID"),
        Arguments.of("{\"sub\":7," + later + "}", "Token missing user ID"),
        Arguments.of("{\"sub\":\" \"," + later + "}", "Token missing user ID"),
        Arguments.of("[1]", "Invalid JWT payload"),
        Arguments.of("{\"sub\":", "Invalid JWT payload"));
  }

  @ParameterizedTest
  @MethodSource("claims")
  void claimsAreJudged(String claims, String outcome) {
    assertThat(judge(verifier("secret=" + SECRET), signed(claims))).isEqualTo(outcome);
  }

  @Test
  void clocksMayDifferByTheLeewayAndNoMore() {
    var lenient = verifier("secret=" + SECRET, "leeway_seconds=30");
    assertThat(judge(lenient, signed("{\"sub\":\"a\",\"exp\":" + (NOW - 29) + "}")))
        .isEqualTo("a null");
    assertThat(judge(lenient, signed("{\"sub\":\"a\",\"exp\":" + (NOW - 30) + "}")))
        .isEqualTo("Token expired");
    var early = "{\"sub\":\"a\",\"exp\":" + (NOW + 99) + ",\"nbf\":";
    assertThat(judge(lenient, signed(early + (NOW + 30) + "}"))).isEqualTo("a null");
    assertThat(judge(lenient, signed(early + (NOW + 31) + "}"))).isEqualTo("Token not valid yet");
  }

  static Stream<Arguments> parties() {
    return Stream.of(
        Arguments.of("\"iss\":\"us\",\"aud\":\"you\"", "ann null"),
        Arguments.of("\"iss\":\"us\",\"aud\":[\"them\",\"you\"]", "ann null"),
        Arguments.of("\"iss\":\"us\",\"aud\":[\"them\",7]", "Invalid audience"),
        Arguments.of("\"iss\":\"us\",\"aud\":{\"you\":1}", "Invalid audience"),
        Arguments.of("\"iss\":\"us\"", "Invalid audience"),
        Arguments.of("\"iss\":\"US\",\"aud\":\"you\"", "Invalid issuer"),
        Arguments.of("\"iss\":[\"us\"],\"aud\":\"you\"", "Invalid issuer"),
        Arguments.of("\"aud\":\"you\"", "Invalid issuer"));
  }

  @ParameterizedTest
  @MethodSource("parties")
  void issuerAndAudienceCountWhereTheyAreConfigured(String words, String outcome) {
    var token = signed("{\"sub\":\"ann\",\"exp\":" + (NOW + 60) + "," + words + "}");
    var strict = verifier("secret=" + SECRET, "issuer=us", "audience=you");
    assertThat(judge(strict, token)).isEqualTo(outcome);
    assertThat(judge(verifier("secret=" + SECRET), token)).isEqualTo("ann null");
  }

  private static String raw(String header, String claims, String signature) {
    var encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(header.getBytes(StandardCharsets.UTF_8))
        + "."
        + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8))
        + "."
        + signature;
  }

  static Stream<Arguments> forms() {
    var sound = good("ann", null);
    return Stream.of(
        Arguments.of("", "Malformed JWT token"),
        Arguments.of("..", "Malformed JWT token"),
        Arguments.of("a.b", "Malformed JWT token"),
        Arguments.of(sound + ".x", "Malformed JWT token"),
        Arguments.of(sound + "=", "Malformed JWT token"),
        Arguments.of(sound.substring(0, sound.lastIndexOf('.') + 1), "Malformed JWT token"),
        Arguments.of("§." + sound.substring(sound.indexOf('.') + 1), "Malformed JWT token"),
        Arguments.of(raw("[]", CLAIMS, "AAAA"), "Invalid JWT header"),
        Arguments.of(raw("{", CLAIMS, "AAAA"), "Invalid JWT header"),
        Arguments.of(raw("{}", CLAIMS, "AAAA"), "Invalid JWT header"),
        Arguments.of(raw("{\"alg\":7}", CLAIMS, "AAAA"), "Invalid JWT header"),
        Arguments.of(raw("{\"alg\":\"HS256\",\"kid\":7}", CLAIMS, "AAAA"), "Invalid JWT header"),
        Arguments.of(
            raw("{\"alg\":\"HS256\",\"crit\":[\"b64\"]}", CLAIMS, "AAAA"), "Invalid JWT header"),
        Arguments.of(
            raw("{\"alg\":\"none\"}", CLAIMS, "AAAA"), "Unsupported algorithm (only HS256)"),
        Arguments.of(raw("{\"alg\":\"none\"}", CLAIMS, ""), "Malformed JWT token"),
        Arguments.of(
            raw("{\"alg\":\"hs256\"}", CLAIMS, "AAAA"), "Unsupported algorithm (only HS256)"),
        Arguments.of(
            raw("{\"alg\":\"RS256\"}", CLAIMS, "AAAA"), "Unsupported algorithm (only HS256)"),
        Arguments.of(raw("{\"alg\":\"HS256\"}", CLAIMS, "AAAA"), "Invalid JWT signature"),
        Arguments.of(signed(OTHER, CLAIMS), "Invalid JWT signature"),
        Arguments.of(sound, "ann null"));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void whatIsNotASoundTokenIsSaidToBeSo(String token, String outcome) {
    assertThat(judge(verifier("secret=" + SECRET), token)).isEqualTo(outcome);
  }

  @Test
  void everyAlgorithmIsCheckedWithItsOwnKeysOnly() throws Exception {
    var hs = signed(CLAIMS);
    var rs = token(new JWSHeader.Builder(JWSAlgorithm.RS256), CLAIMS, new RSASSASigner(rsa));
    var es = token(new JWSHeader.Builder(JWSAlgorithm.ES256), CLAIMS, new ECDSASigner(curve));
    var all =
        verifier(
            "secret=" + SECRET,
            "keys=[{\"kid\":\"r\",\"algorithm\":\"RS256\",\"public_key_file\":\"rsa.pem\"},"
                + "{\"kid\":\"e\",\"algorithm\":\"ES256\",\"public_key_file\":\"ec.pem\"}]");
    for (var token : List.of(hs, rs, es)) {
      assertThat(judge(all, token)).isEqualTo("ann null");
    }
    var set = verifier("jwks_file=jwks.json");
    assertThat(judge(set, rs)).isEqualTo("ann null");
    assertThat(judge(set, es)).isEqualTo("ann null");
    assertThat(judge(set, hs)).isEqualTo("Unsupported algorithm (only ES256, RS256)");

    // The public key, which everybody has, is not taken for a secret.
    var confused =
        signed(
            new JWSHeader(JWSAlgorithm.HS256),
            CLAIMS,
            new MACSigner(Files.readAllBytes(folder.resolve("rsa.pem"))));
    assertThat(judge(all, confused)).isEqualTo("Invalid JWT signature");
    assertThat(judge(set, confused)).isEqualTo("Unsupported algorithm (only ES256, RS256)");
    // Nor is one signature taken for another kind's.
    var header = "{\"alg\":\"ES256\"}";
    assertThat(judge(all, raw(header, CLAIMS, rs.substring(rs.lastIndexOf('.') + 1))))
        .isEqualTo("Invalid JWT signature");
  }

  @Test
  void theKidPicksTheKeyAndWithoutOneEachIsTried() throws Exception {
    var keys =
        verifier(
            "secret=" + SECRET,
            "previous_secrets=[\"" + OTHER + "\"]",
            "keys=[{\"kid\":\"k\",\"algorithm\":\"HS256\",\"secret\":\"" + "k".repeat(32) + "\"}]");
    assertThat(judge(keys, signed(CLAIMS))).isEqualTo("ann null");
    assertThat(judge(keys, signed(OTHER, CLAIMS))).isEqualTo("ann null");
    assertThat(judge(keys, signed("k".repeat(32), CLAIMS))).isEqualTo("ann null");
    assertThat(judge(keys, signed("x".repeat(32), CLAIMS))).isEqualTo("Invalid JWT signature");
    assertThat(judge(keys, named("k", "k".repeat(32)))).isEqualTo("ann null");
    assertThat(judge(keys, named("k", SECRET))).isEqualTo("Invalid JWT signature");
    assertThat(judge(keys, named("elsewhere", SECRET))).isEqualTo("ann null");
    assertThat(judge(keys, named("elsewhere", "k".repeat(32)))).isEqualTo("Invalid JWT signature");
  }

  private static String named(String kid, String secret) throws Exception {
    var header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(kid);
    return token(header, CLAIMS, new MACSigner(secret.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void noMutatedTokenIsTrustedAndNoneThrows() {
    var verifier = verifier("secret=" + SECRET);
    var original = good("ann", "admin");
    var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u00e9";
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      var token = new StringBuilder(original);
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        int at = random.nextInt(token.length());
        char other = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(4)) {
          case 0 -> token.setCharAt(at, other);
          case 1 -> token.insert(at, other);
          case 2 -> token.deleteCharAt(token.length() > 1 ? at : 0).append(other);
          default -> token.setLength(Math.max(1, at));
        }
      }
      var mutated = token.toString();
      boolean trusted = verifier.verify(mutated, NOW) instanceof JwtVerifier.Verdict.Trusted;
      assertThat(trusted).as("seed %d: %s", seed, mutated).isEqualTo(mutated.equals(original));
    }
  }

  @FuzzTest
  void anyTextIsJudgedWithoutAnException(byte[] input) {
    var text = new String(input, StandardCharsets.ISO_8859_1);
    assertThat(verifier("secret=" + SECRET).verify(text, NOW))
        .isInstanceOf(JwtVerifier.Verdict.Refused.class);
    var signedText = signed(text);
    assertThat(verifier("secret=" + SECRET).verify(signedText, NOW)).isNotNull();
  }
}
