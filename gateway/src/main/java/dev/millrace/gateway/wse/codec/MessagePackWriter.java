package dev.millrace.gateway.wse.codec;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.msgpack.core.MessagePacker;
import tools.jackson.core.JsonParser;

/// Packs JSON as MessagePack without a tree between them. A container says first how many values
/// follow, so the JSON is read twice: once to count, once to pack. Integers take their shortest
/// form, other numbers 64 bits; integers beyond 64 bits become floats.
final class MessagePackWriter {
  private MessagePackWriter() {}

  /// Bytes that a JSON value of `jsonBytes` takes at most: the worst is a list of numbers like
  /// `0.5`, of which four characters become nine bytes.
  static int packedAtMost(int jsonBytes) {
    return Math.toIntExact(jsonBytes * 9L / 4 + 16);
  }

  /// Packs the one JSON value that stands in `length` bytes from `from`; whoever took it in has
  /// checked it.
  static void pack(byte[] json, int from, int length, MessagePacker out) throws IOException {
    var counts = counts(json, from, length);
    int container = 0;
    try (var parser = Json.parser(json, from, length)) {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case START_OBJECT -> out.packMapHeader(counts[container++]);
          case START_ARRAY -> out.packArrayHeader(counts[container++]);
          case PROPERTY_NAME -> packText(parser.currentName(), out);
          case VALUE_STRING -> packText(parser.getString(), out);
          case VALUE_NUMBER_INT -> packInteger(parser, out);
          case VALUE_NUMBER_FLOAT -> out.packDouble(parser.getDoubleValue());
          case VALUE_TRUE -> out.packBoolean(true);
          case VALUE_FALSE -> out.packBoolean(false);
          case VALUE_NULL -> out.packNil();
          case END_OBJECT, END_ARRAY -> {}
          case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
              throw new IllegalStateException("JSON text has no " + token);
        }
      }
    }
  }

  static void packText(String text, MessagePacker out) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    out.packRawStringHeader(bytes.length);
    out.addPayload(bytes);
  }

  private static void packInteger(JsonParser parser, MessagePacker out) throws IOException {
    switch (parser.getNumberType()) {
      case INT, LONG -> out.packLong(parser.getLongValue());
      default -> {
        var number = parser.getBigIntegerValue();
        if (number.signum() > 0 && number.bitLength() <= Long.SIZE) {
          out.packBigInteger(number);
        } else {
          out.packDouble(number.doubleValue());
        }
      }
    }
  }

  /// How many values each container has, in the order in which they begin.
  private static int[] counts(byte[] json, int from, int length) {
    var counts = new int[8];
    int containers = 0;
    var open = new int[Json.MAX_DEPTH + 1];
    int depth = 0;
    try (var parser = Json.parser(json, from, length)) {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isStructEnd()) {
          depth--;
          continue;
        }
        if (depth > 0 && (token.isScalarValue() || token.isStructStart())) {
          counts[open[depth]]++;
        }
        if (token.isStructStart()) {
          if (containers == counts.length) {
            counts = Arrays.copyOf(counts, containers * 2);
          }
          open[++depth] = containers++;
        }
      }
    }
    return counts;
  }
}
