package dev.millrace.gateway.wse.codec;

import dev.millrace.core.json.Json;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/// Several envelopes in one: the payload `{"messages":[…],"count":n}`.
public final class Batch {
  private static final byte[] HEAD = ascii("U{\"t\":\"batch\",\"p\":{\"messages\":[");
  private static final byte[] COUNT = ascii("],\"count\":");
  private static final byte[] TAIL = ascii("},\"v\":1}");

  private Batch() {}

  /// What a batch holds, or why it cannot be read.
  public sealed interface Split {
    /// The values of `messages` as they came, in order. They need not be envelopes.
    record Messages(List<byte[]> items) implements Split {}

    record Wrong(String why) implements Split {}
  }

  /// Splits the payload that stands in `json` from `from` to `to` into at most `mostItems`.
  public static Split split(byte[] json, int from, int to, int mostItems) {
    if (from >= to || json[from] != '{') {
      return new Split.Wrong("a batch needs a payload with messages");
    }
    try (var parser = Json.parser(json, from, to - from)) {
      parser.nextToken();
      int shift = (int) (from - parser.currentTokenLocation().getByteOffset());
      @Nullable List<byte[]> items = null;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean messages = parser.currentName().equals("messages");
        if (parser.nextToken() != JsonToken.START_ARRAY || !messages) {
          parser.skipChildren();
          continue;
        }
        items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          if (items.size() == mostItems) {
            return new Split.Wrong("a batch holds at most " + mostItems + " messages");
          }
          int start = (int) parser.currentTokenLocation().getByteOffset() + shift;
          parser.skipChildren();
          parser.finishToken();
          int end = (int) parser.currentLocation().getByteOffset() + shift;
          items.add(Arrays.copyOfRange(json, start, end));
        }
      }
      return items == null
          ? new Split.Wrong("a batch needs a list of messages")
          : new Split.Messages(List.copyOf(items));
    } catch (JacksonException broken) {
      return new Split.Wrong("the payload of the batch is not JSON");
    }
  }

  /// Appends the envelope of a batch, category included and without a WebSocket header, of
  /// envelopes that each are JSON with or without a category; their indexes stay.
  public static void write(List<ByteBuf> envelopes, ByteBuf out) {
    out.writeBytes(HEAD);
    for (int i = 0; i < envelopes.size(); i++) {
      var envelope = envelopes.get(i);
      int brace = envelope.bytesBefore((byte) '{');
      if (brace < 0) {
        throw new IllegalArgumentException("envelope " + i + " of the batch is not an object");
      }
      if (i > 0) {
        out.writeByte(',');
      }
      out.writeBytes(envelope, envelope.readerIndex() + brace, envelope.readableBytes() - brace);
    }
    out.writeBytes(COUNT);
    out.writeCharSequence(Integer.toString(envelopes.size()), StandardCharsets.US_ASCII);
    out.writeBytes(TAIL);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
