package dev.millrace.gateway.wse.crypto;

import dev.millrace.core.json.Json;
import java.security.SecureRandom;
import java.util.HexFormat;

/// Makes and checks the `sig` of a message: a signature of the SHA-256 of its payload in canonical
/// JSON, of the time and of a nonce. Safe from any thread.
public sealed interface MessageSigner {
  /// The signature of the one JSON value in `payload`, made at `epochMillis`.
  String sign(byte[] payload, long epochMillis);

  /// Whether `signature` is one of this signer's for `payload`.
  boolean verify(String signature, byte[] payload);

  /// With a secret of the connection: `hash:time:nonce:hmac`, all in hex except the time, which is
  /// seconds since the epoch with a fraction.
  static MessageSigner withHmac(byte[] secret, SecureRandom random) {
    return new Hmac(secret.clone(), random);
  }

  /// With a secret of the server: a JSON web token of HS256.
  static MessageSigner withTokens(byte[] secret, SecureRandom random) {
    return new Tokens(secret.clone(), random);
  }

  /// SHA-256 in hex of the canonical JSON of `payload`.
  ///
  /// @throws tools.jackson.core.JacksonException if that is not one JSON value
  static String hash(byte[] payload) {
    return HexFormat.of().formatHex(Digests.sha256(CanonicalJson.of(payload)));
  }

  /// Made by [#withHmac].
  final class Hmac implements MessageSigner {
    private static final int NONCE_BYTES = 8;
    private static final int LONGEST = 512; // signature that is looked at, in characters

    private final byte[] secret;
    private final SecureRandom random;

    private Hmac(byte[] secret, SecureRandom random) {
      this.secret = secret;
      this.random = random;
    }

    @Override
    public String sign(byte[] payload, long epochMillis) {
      var signed =
          hash(payload)
              + ":"
              + PythonNumbers.text(epochMillis / 1_000.0)
              + ":"
              + Digests.randomHex(random, NONCE_BYTES);
      return signed + ":" + Digests.hmacHex(secret, signed);
    }

    @Override
    public boolean verify(String signature, byte[] payload) {
      int last = signature.lastIndexOf(':');
      if (last < 0 || signature.length() > LONGEST) {
        return false;
      }
      var signed = signature.substring(0, last);
      boolean ours = Digests.same(Digests.hmacHex(secret, signed), signature.substring(last + 1));
      return ours && signed.startsWith(hash(payload) + ":");
    }
  }

  /// Made by [#withTokens].
  final class Tokens implements MessageSigner {
    private static final String SUBJECT = "ws_message";
    private static final int NONCE_BYTES = 8;

    private final byte[] secret;
    private final SecureRandom random;

    private Tokens(byte[] secret, SecureRandom random) {
      this.secret = secret;
      this.random = random;
    }

    @Override
    public String sign(byte[] payload, long epochMillis) {
      return Hs256.sign(
          secret,
          Json.mapper()
              .createObjectNode()
              .put("sub", SUBJECT)
              .put("hash", hash(payload))
              .put("signed_at", epochMillis / 1_000.0)
              .put("nonce", Digests.randomHex(random, NONCE_BYTES)));
    }

    @Override
    public boolean verify(String signature, byte[] payload) {
      return Hs256.verify(secret, signature)
          .filter(claims -> claims.path("sub").asString("").equals(SUBJECT))
          .filter(claims -> claims.path("hash").asString("").equals(hash(payload)))
          .isPresent();
    }
  }
}
