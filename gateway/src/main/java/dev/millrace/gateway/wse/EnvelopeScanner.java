package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.JsonScanner.UNUSUAL;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads envelopes as clients usually write them, without a token stream: one pass that finds the
/// known keys and checks that everything is JSON. What is unusual it leaves to [InboundDecoder]. It
/// allocates only what the request is made of.
final class EnvelopeScanner {
  private static final int LONGEST_PRIORITY = 5;

  /// There are few types, and many messages of each.
  private static final Words TYPES = new Words();

  private enum Key {
    T,
    TYPE,
    ID,
    CORRELATION_ID,
    PRIORITY,
    PAYLOAD,
    OTHER;

    boolean isText() {
      return compareTo(CORRELATION_ID) <= 0;
    }
  }

  private EnvelopeScanner() {}

  /// Sets `into` to the request that the object from `start` to `end` is, or returns null when it
  /// has to be read in another way. It refers to `bytes`, which are UTF-8.
  static Inbound.@Nullable Request scan(byte[] bytes, int start, int end, Inbound.Request into) {
    @Nullable String type = null;
    int idFrom = 0;
    int idTo = 0;
    @Nullable String correlationId = null;
    int priority = 0;
    int payloadFrom = 0;
    int payloadTo = 0;
    int at = start;
    do {
      int name = JsonScanner.blanks(bytes, end, at + 1);
      int nameEnd = JsonScanner.name(bytes, end, name);
      int from = nameEnd < 0 ? UNUSUAL : JsonScanner.colon(bytes, end, nameEnd);
      if (from < 0) {
        return null;
      }
      var key = key(bytes, end, name + 1, nameEnd - 1);
      int to =
          key.isText()
              ? JsonScanner.plainText(bytes, end, from)
              : JsonScanner.value(bytes, end, from);
      if (to < 0) {
        return null;
      }
      switch (key) {
        case T -> type = TYPES.of(bytes, from + 1, to - 1);
        case TYPE -> type = type == null ? TYPES.of(bytes, from + 1, to - 1) : type;
        case ID -> {
          idFrom = from + 1;
          idTo = to - 1;
        }
        case CORRELATION_ID -> correlationId = text(bytes, from, to);
        case PRIORITY -> {
          if (!isShortNumber(bytes, end, from, to)) {
            return null;
          }
          priority = Math.min(integer(bytes, from, to), 1_000);
        }
        case PAYLOAD -> {
          payloadFrom = from;
          payloadTo = to;
        }
        case OTHER -> {}
      }
      at = JsonScanner.blanks(bytes, end, to);
    } while (JsonScanner.is(bytes, end, at, ','));
    boolean ends =
        JsonScanner.is(bytes, end, at, '}') && JsonScanner.blanks(bytes, end, at + 1) == end;
    return ends && type != null
        ? into.set(type, priority, bytes, end)
            .setIds(idFrom == 0 ? null : bytes, idFrom, idTo, correlationId)
            .setPayload(payloadFrom, payloadTo)
        : null;
  }

  private static Key key(byte[] bytes, int end, int from, int to) {
    return switch (to - from) {
      case 1 -> bytes[from] == 't' ? Key.T : bytes[from] == 'p' ? Key.PAYLOAD : Key.OTHER;
      case 2 -> JsonScanner.stands(bytes, end, from, "id") ? Key.ID : Key.OTHER;
      case 3 ->
          JsonScanner.stands(bytes, end, from, "cid")
              ? Key.CORRELATION_ID
              : JsonScanner.stands(bytes, end, from, "pri") ? Key.PRIORITY : Key.OTHER;
      case 4 -> JsonScanner.stands(bytes, end, from, "type") ? Key.TYPE : Key.OTHER;
      case 7 -> JsonScanner.stands(bytes, end, from, "payload") ? Key.PAYLOAD : Key.OTHER;
      default -> Key.OTHER;
    };
  }

  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from + 1, to - from - 2, StandardCharsets.UTF_8);
  }

  private static boolean isShortNumber(byte[] bytes, int end, int from, int to) {
    return to - from <= LONGEST_PRIORITY && JsonScanner.digits(bytes, end, from) == to;
  }

  private static int integer(byte[] bytes, int from, int to) {
    int number = 0;
    for (int at = from; at < to; at++) {
      number = number * 10 + bytes[at] - '0';
    }
    return number;
  }
}
