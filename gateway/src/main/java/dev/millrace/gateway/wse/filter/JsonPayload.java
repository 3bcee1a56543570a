package dev.millrace.gateway.wse.filter;

import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.Category;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/// The payload of one frame after another, parsed when the first filter asks and then kept until
/// the next frame, however many filters look at it. A payload that is not an object is seen as
/// clients see it: `{"data":value}`. One per loop, confined to it.
public final class JsonPayload implements PayloadView {
  private static final String DATA = "data";
  private static final int KEPT = 64 << 10; // of the scratch, beyond a frame that needs more

  /// Reads one value and leaves what follows it.
  private static final ObjectReader SUBTREE =
      Json.mapper().reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private byte[] scratch;
  private byte[] bytes;
  private int from;
  private int length;
  private boolean enveloped;
  private @Nullable JsonNode root; // null until somebody asks

  public JsonPayload() {
    this(1 << 10);
  }

  /// For frames of about so many bytes.
  JsonPayload(int scratchBytes) {
    scratch = new byte[scratchBytes];
    bytes = scratch;
  }

  /// Looks at the one JSON value in `length` bytes from `from`, which must not change meanwhile.
  public void payload(byte[] json, int offset, int count) {
    bytes = json;
    from = offset;
    length = count;
    enveloped = false;
    root = null;
  }

  /// Bytes of what it looks at.
  int length() {
    return length;
  }

  /// Looks at the payload `p` of an envelope of this server's, with a category or none; its bytes
  /// are copied and its indexes stay.
  public void envelope(ByteBuf envelope) {
    int count = envelope.readableBytes();
    if (scratch.length < count || (scratch.length > KEPT && count <= KEPT)) {
      scratch = new byte[count];
    }
    envelope.getBytes(envelope.readerIndex(), scratch, 0, count);
    bytes = scratch;
    from = 0;
    length = count;
    enveloped = true;
    root = null;
  }

  @Override
  public @Nullable JsonNode at(FieldPath path) {
    var value = root;
    if (value == null) {
      value = enveloped ? parsedEnvelope() : parsed();
      root = value;
    }
    int first = 0;
    if (!value.isObject()) {
      if (!path.name(0).equals(DATA)) {
        return null;
      }
      first = 1;
    }
    for (int i = first; i < path.length(); i++) {
      value = value.isObject() ? value.get(path.name(i)) : null;
      if (value == null) {
        return null;
      }
    }
    return value;
  }

  private JsonNode parsed() {
    return Json.mapper().readTree(bytes, from, length);
  }

  /// Reads up to the payload and not beyond it.
  private JsonNode parsedEnvelope() {
    int start = Category.objectStart(bytes, from, from + length);
    if (start < 0) {
      throw new IllegalStateException("an envelope begins with a category or a brace");
    }
    try (var parser = Json.parser(bytes, start, from + length - start)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean found = parser.currentName().equals("p");
        parser.nextToken();
        if (found) {
          return SUBTREE.readTree(parser);
        }
        parser.skipChildren();
      }
    }
    return Json.mapper().createObjectNode();
  }
}
