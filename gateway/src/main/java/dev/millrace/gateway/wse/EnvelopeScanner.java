package dev.millrace.gateway.wse;

import static dev.millrace.gateway.wse.JsonScanner.UNUSUAL;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads envelopes as clients usually write them, without a token stream: one pass that finds the
/// known keys and checks that everything is JSON. What is unusual it leaves to [InboundDecoder]. It
/// allocates only what the request is made of.
final class EnvelopeScanner {
  private static final int LONGEST_PRIORITY = 5;

  // Names as nearly all clients write them, with the colon; the first byte is the lowest.
  private static final long USUAL_T = bytes("\"t\":");
  private static final long USUAL_P = bytes("\"p\":");
  private static final long USUAL_ID = bytes("\"id\":");
  private static final long USUAL_TYPE = bytes("\"type\":");
  private static final long FOUR_BYTES = -1L >>> 32;
  private static final long FIVE_BYTES = -1L >>> 24;
  private static final long SEVEN_BYTES = -1L >>> 8;

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
      var key = usualKey(bytes, end, name);
      int from;
      if (key == null) {
        int nameEnd = JsonScanner.name(bytes, end, name);
        from = nameEnd < 0 ? UNUSUAL : JsonScanner.colon(bytes, end, nameEnd);
        if (from < 0) {
          return null;
        }
        key = key(bytes, end, name + 1, nameEnd - 1);
      } else {
        from = JsonScanner.blanks(bytes, end, behind(key, name));
      }
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

  /// The key of a name that stands there as nearly all clients write it; null for any other.
  private static @Nullable Key usualKey(byte[] bytes, int end, int name) {
    if (name > end - Long.BYTES) {
      return null;
    }
    long word = JsonScanner.eight(bytes, name);
    if ((word & FOUR_BYTES) == USUAL_T) {
      return Key.T;
    }
    if ((word & FIVE_BYTES) == USUAL_ID) {
      return Key.ID;
    }
    if ((word & FOUR_BYTES) == USUAL_P) {
      return Key.PAYLOAD;
    }
    return (word & SEVEN_BYTES) == USUAL_TYPE ? Key.TYPE : null;
  }

  /// Behind the colon of a usual name.
  private static int behind(Key usual, int name) {
    return name
        + switch (usual) {
          case ID -> 5;
          case TYPE -> 7;
          default -> 4;
        };
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

  private static long bytes(String ascii) {
    long bytes = 0;
    for (int i = ascii.length() - 1; i >= 0; i--) {
      bytes = (bytes << Byte.SIZE) | ascii.charAt(i);
    }
    return bytes;
  }
}
