package dev.millrace.gateway.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.gateway.auth.JwtKey.Unusable;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Reads a JSON web key set. Keys that are not for checking signatures, or of an algorithm this
/// server does not take, are passed over with a warning, because a set is written for many readers.
/// Source: RFC 7517, section 5.
final class JwksFile {
  private JwksFile() {}

  static List<JwtKey> read(byte[] file, String name, Location where, Problems problems) {
    var members = members(file);
    if (members == null) {
      problems.error(
          "E_BAD_JWKS",
          where,
          "the file " + name + " is not a JSON web key set",
          "It must hold {\"keys\":[…]} as the issuer publishes it.");
      return List.of();
    }
    var keys = new ArrayList<JwtKey>();
    for (var member : members) {
      try {
        keys.add(key(member));
      } catch (Unusable passedOver) {
        problems.warning(
            "W_JWKS_KEY",
            where,
            "a key of " + name + " " + passedOver.why() + ", and is passed over",
            null);
      }
    }
    if (keys.isEmpty()) {
      problems.error(
          "E_BAD_JWKS",
          where,
          "the file " + name + " has no key for HS256, RS256 or ES256",
          "Check that it is the key set of the right issuer.");
    }
    return keys;
  }

  private static @Nullable ArrayNode members(byte[] file) {
    try {
      return Json.tree(file).get("keys") instanceof ArrayNode keys ? keys : null;
    } catch (JacksonException broken) {
      return null;
    }
  }

  /// One that cannot be read does not spoil the others: RFC 7517, section 5.
  private static JwtKey key(JsonNode member) throws Unusable {
    JWK jwk;
    try {
      jwk = JWK.parse(member.toString());
    } catch (ParseException | IllegalArgumentException broken) {
      throw new Unusable("cannot be read");
    }
    if (KeyUse.ENCRYPTION.equals(jwk.getKeyUse())) {
      throw new Unusable("is for encryption");
    }
    try {
      var key = key(jwk.getKeyID(), jwk);
      if (jwk.getAlgorithm() != null
          && !jwk.getAlgorithm().getName().equals(key.algorithm().name())) {
        throw new Unusable("is for another algorithm than " + key.algorithm());
      }
      return key;
    } catch (JOSEException broken) {
      throw new Unusable("cannot be read");
    }
  }

  private static JwtKey key(@Nullable String kid, JWK jwk) throws JOSEException, Unusable {
    return switch (jwk) {
      case RSAKey rsa -> JwtKey.of(kid, rsa.toRSAPublicKey());
      case ECKey curve -> JwtKey.of(kid, curve.toECPublicKey());
      case OctetSequenceKey shared -> JwtKey.shared(kid, shared.toByteArray());
      default -> throw new Unusable("is of a kind that this server does not take");
    };
  }
}
