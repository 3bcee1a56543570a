package dev.millrace.systemtest;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// JSON web tokens as somebody else's login server signs them. Source: RFC 7515, section 3.1.
final class WebTokens {
  /// What a server must be told: `auth.jwt.secret`.
  static final String SECRET = "0123456789abcdef0123456789abcdef";

  private WebTokens() {}

  /// For `subject`, without a role; expired when `validity` is negative.
  static String of(String subject, Duration validity) {
    long expires = Instant.now().plus(validity).getEpochSecond();
    var signed =
        encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
            + "."
            + encoded("{\"sub\":\"" + subject + "\",\"exp\":" + expires + "}");
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
      return signed + "." + encoded(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JDK has HMAC-SHA256", impossible);
    }
  }

  private static String encoded(String text) {
    return encoded(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
