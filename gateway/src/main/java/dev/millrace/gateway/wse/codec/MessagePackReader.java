package dev.millrace.gateway.wse.codec;

import dev.millrace.core.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;

/// Turns one MessagePack map into the JSON object that says the same, without a tree between them:
/// binaries become base64, timestamps RFC 3339 text, other extensions `{"ext":type,"data":base64}`,
/// numbers that JSON has not `null`, and keys that are no text their text. A key that stands twice
/// stands twice in the JSON. Bounded: as deep as JSON may be, and at most ten times the input.
/// Confined to one loop. Source: the MessagePack specification.
final class MessagePackReader {
  private static final int TIMESTAMP = -1; // the extension

  // Reused for every message.
  private final long[] left = new long[Json.MAX_DEPTH]; // values still to come, by depth
  private final boolean[] map = new boolean[Json.MAX_DEPTH];

  /// Why a message cannot be read; carries no stack, because it is an answer and not a failure.
  private static final class Unreadable extends Exception {
    Unreadable(String what) {
      super(what, null, false, false);
    }
  }

  /// The JSON of what stands from `from` to `to`, null if that is not exactly one map.
  byte @Nullable [] json(byte[] bytes, int from, int to) {
    var out = new ByteArrayOutputStream((to - from) * 2);
    try (var unpacker = MessagePack.newDefaultUnpacker(bytes, from, to - from);
        var generator = Json.generator(out)) {
      if (!unpacker.hasNext() || !unpacker.getNextFormat().getValueType().isMapType()) {
        return null;
      }
      copy(unpacker, to - from, generator);
      if (unpacker.getTotalReadBytes() != to - from) {
        return null;
      }
      generator.flush();
      return out.toByteArray();
    } catch (Unreadable
        | MessagePackException
        | JacksonException
        | IOException
        | DateTimeException
        | ArithmeticException broken) {
      return null; // the caller counts it
    }
  }

  private void copy(MessageUnpacker in, int length, JsonGenerator out)
      throws IOException, Unreadable {
    int depth = 0;
    do {
      boolean key = depth > 0 && map[depth - 1] && (left[depth - 1] & 1) == 0;
      if (depth > 0) {
        left[depth - 1]--;
      }
      var format = in.getNextFormat();
      if (key) {
        out.writeName(key(in, format, length));
      } else if (format.getValueType().isMapType() || format.getValueType().isArrayType()) {
        if (depth == Json.MAX_DEPTH) {
          throw new Unreadable("nested too deeply");
        }
        boolean opensMap = format.getValueType().isMapType();
        map[depth] = opensMap;
        left[depth] = opensMap ? 2L * in.unpackMapHeader() : in.unpackArrayHeader();
        depth++;
        if (opensMap) {
          out.writeStartObject();
        } else {
          out.writeStartArray();
        }
      } else {
        scalar(in, format, length, out);
      }
      while (depth > 0 && left[depth - 1] == 0) {
        depth--;
        if (map[depth]) {
          out.writeEndObject();
        } else {
          out.writeEndArray();
        }
      }
    } while (depth > 0);
  }

  private static String key(MessageUnpacker in, MessageFormat format, int length)
      throws IOException, Unreadable {
    return switch (format.getValueType()) {
      case STRING -> new String(text(in, length), StandardCharsets.UTF_8);
      case INTEGER -> in.unpackBigInteger().toString();
      case BOOLEAN -> String.valueOf(in.unpackBoolean());
      case FLOAT -> String.valueOf(in.unpackDouble());
      case NIL -> {
        in.unpackNil();
        yield "null";
      }
      case BINARY -> Base64.getEncoder().encodeToString(bytes(in, in.unpackBinaryHeader(), length));
      case ARRAY, MAP, EXTENSION -> throw new Unreadable("a key of a kind that JSON cannot have");
    };
  }

  private static void scalar(
      MessageUnpacker in, MessageFormat format, int length, JsonGenerator out)
      throws IOException, Unreadable {
    switch (format.getValueType()) {
      case STRING -> {
        var text = text(in, length);
        out.writeUTF8String(text, 0, text.length);
      }
      case INTEGER -> {
        if (format == MessageFormat.UINT64) {
          out.writeNumber(in.unpackBigInteger());
        } else {
          out.writeNumber(in.unpackLong());
        }
      }
      case FLOAT -> {
        double number = in.unpackDouble();
        if (Double.isFinite(number)) {
          out.writeNumber(number);
        } else {
          out.writeNull();
        }
      }
      case BOOLEAN -> out.writeBoolean(in.unpackBoolean());
      case NIL -> {
        in.unpackNil();
        out.writeNull();
      }
      case BINARY -> out.writeBinary(bytes(in, in.unpackBinaryHeader(), length));
      case EXTENSION -> extension(in, length, out);
      case ARRAY, MAP -> throw new IllegalStateException("a container is not a scalar");
    }
  }

  private static void extension(MessageUnpacker in, int length, JsonGenerator out)
      throws IOException, Unreadable {
    var header = in.unpackExtensionTypeHeader();
    if (header.getType() == TIMESTAMP) {
      out.writeString(in.unpackTimestamp(header).toString());
      return;
    }
    out.writeStartObject();
    out.writeNumberProperty("ext", header.getType());
    out.writeName("data");
    out.writeBinary(bytes(in, header.getLength(), length));
    out.writeEndObject();
  }

  private static byte[] text(MessageUnpacker in, int length) throws IOException, Unreadable {
    var text = bytes(in, in.unpackRawStringHeader(), length);
    if (!Json.isUtf8(text)) {
      throw new Unreadable("a text is not UTF-8");
    }
    return text;
  }

  /// The next `count` bytes of an input of `length`: a few bytes may announce two gigabytes, so
  /// what is not there must not be allocated.
  private static byte[] bytes(MessageUnpacker in, int count, int length)
      throws IOException, Unreadable {
    if (count > length - in.getTotalReadBytes()) {
      throw new Unreadable("cut off");
    }
    return in.readPayload(count);
  }
}
