package dev.millrace.gateway.wse.crypto;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/// Puts `sig` into an envelope that this server made.
public final class SignedEnvelope {
  private static final byte[] NO_PAYLOAD = {'{', '}'};

  private SignedEnvelope() {}

  /// The same category and JSON with `sig` as the last member, which signs `p`; `json` from
  /// `objectStart` on is the object.
  ///
  /// @throws tools.jackson.core.JacksonException if it is not JSON
  public static byte[] of(byte[] json, int objectStart, MessageSigner signer, long epochMillis) {
    var payload = payload(json, objectStart);
    var signature = signer.sign(payload == null ? NO_PAYLOAD : payload, epochMillis);
    var member = (",\"sig\":\"" + signature + "\"}").getBytes(StandardCharsets.US_ASCII);
    int end = json.length - 1; // of what stays, before the brace
    var signed = Arrays.copyOf(json, end + member.length);
    System.arraycopy(member, 0, signed, end, member.length);
    return signed;
  }

  private static byte @Nullable [] payload(byte[] json, int start) {
    try (var parser = Json.parser(json, start, json.length - start)) {
      parser.nextToken();
      int shift = (int) (start - parser.currentTokenLocation().getByteOffset());
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean found = parser.currentName().equals("p");
        parser.nextToken();
        int from = (int) parser.currentTokenLocation().getByteOffset() + shift;
        parser.skipChildren();
        if (found) {
          parser.finishToken();
          int to = (int) parser.currentLocation().getByteOffset() + shift;
          return Arrays.copyOfRange(json, from, to);
        }
      }
      return null;
    }
  }
}
