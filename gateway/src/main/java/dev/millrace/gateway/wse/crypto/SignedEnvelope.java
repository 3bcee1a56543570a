package dev.millrace.gateway.wse.crypto;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/// Puts `sig` into an envelope that this server made. One that is signed already stays as it is.
public final class SignedEnvelope {
  private static final byte[] NO_PAYLOAD = {'{', '}'};
  private static final byte[] NOTHING = {};

  private SignedEnvelope() {}

  /// The same category and JSON with `sig` as the last member, which signs `p`; `json` from
  /// `objectStart` on is the object.
  ///
  /// @throws tools.jackson.core.JacksonException if it is not JSON
  public static byte[] of(byte[] json, int objectStart, MessageSigner signer, long epochMillis) {
    var member = member(json, objectStart, signer, epochMillis);
    if (member.length == 0) {
      return json;
    }
    int end = json.length - 1; // of what stays, before the brace
    var signed = Arrays.copyOf(json, end + member.length + 1);
    System.arraycopy(member, 0, signed, end, member.length);
    signed[signed.length - 1] = '}';
    return signed;
  }

  /// The member that is to stand before the last brace, with a comma in front; empty if the object
  /// has a signature.
  ///
  /// @throws tools.jackson.core.JacksonException if it is not JSON
  public static byte[] member(
      byte[] json, int objectStart, MessageSigner signer, long epochMillis) {
    var payload = payload(json, objectStart);
    return payload == null ? NOTHING : member(signer.sign(payload, epochMillis));
  }

  /// A signature as a member of an envelope, with a comma in front.
  public static byte[] member(String signature) {
    return (",\"sig\":\"" + signature + "\"").getBytes(StandardCharsets.US_ASCII);
  }

  /// Null if it is signed.
  private static byte @Nullable [] payload(byte[] json, int start) {
    try (var parser = Json.parser(json, start, json.length - start)) {
      parser.nextToken();
      int shift = (int) (start - parser.currentTokenLocation().getByteOffset());
      var payload = NO_PAYLOAD;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = parser.currentName();
        parser.nextToken();
        if (name.equals("sig")) {
          return null;
        }
        int from = (int) parser.currentTokenLocation().getByteOffset() + shift;
        parser.skipChildren();
        if (name.equals("p")) {
          parser.finishToken();
          int to = (int) parser.currentLocation().getByteOffset() + shift;
          payload = Arrays.copyOfRange(json, from, to);
        }
      }
      return payload;
    }
  }
}
