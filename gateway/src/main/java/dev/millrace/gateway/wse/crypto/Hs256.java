package dev.millrace.gateway.wse.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.core.json.Json;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// JSON web tokens of HS256 that the server makes for itself and reads again. Source: RFC 7515,
/// compact serialization.
final class Hs256 {
  private static final int LONGEST = 8 << 10;
  private static final String HEADER = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

  private Hs256() {}

  static String sign(byte[] secret, ObjectNode claims) {
    var signed =
        HEADER + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(claims));
    return signed + "." + mac(secret, signed);
  }

  /// The claims of a token that was signed with `secret`. Nothing in it is believed before.
  static Optional<JsonNode> verify(byte[] secret, String token) {
    int dot = token.lastIndexOf('.');
    int first = token.indexOf('.');
    if (token.length() > LONGEST || first < 0 || first == dot) {
      return Optional.empty();
    }
    var mac = mac(secret, token.substring(0, dot)).getBytes(US_ASCII);
    if (!MessageDigest.isEqual(mac, token.substring(dot + 1).getBytes(US_ASCII))) {
      return Optional.empty();
    }
    try {
      var header = tree(token.substring(0, first));
      var claims = tree(token.substring(first + 1, dot));
      boolean sound = header.path("alg").asString("").equals("HS256") && claims.isObject();
      return sound ? Optional.of(claims) : Optional.empty();
    } catch (IllegalArgumentException | JacksonException unreadable) {
      return Optional.empty();
    }
  }

  private static JsonNode tree(String part) {
    return Json.tree(Base64.getUrlDecoder().decode(part));
  }

  private static String mac(byte[] secret, String signed) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Digests.hmac(secret, signed.getBytes(UTF_8)));
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(US_ASCII));
  }
}
