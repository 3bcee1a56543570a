package dev.millrace.gateway.wse.codec;

import dev.millrace.gateway.wse.crypto.FrameCipher;
import dev.millrace.gateway.wse.crypto.KeyExchange;
import org.jspecify.annotations.Nullable;

/// Takes the framing off what clients send: `C:` and a zlib or deflate stream, `M:` and a
/// MessagePack map, `E:` and a sealed envelope; anything else is handed on as it is. Never throws,
/// whatever the bytes are, and holds at most `maxMessage` bytes of what it inflates. One per loop;
/// confined to it, and closed with it.
public final class InboundFrames implements AutoCloseable {
  private static final int MARK = 2; // the letter and the colon

  private final Decompressor decompressor;
  private final MessagePackReader packs = new MessagePackReader();
  private final FrameCipher cipher;

  /// `maxMessage` is the longest content in bytes.
  public InboundFrames(int maxMessage, FrameCipher cipher) {
    this.decompressor = new Decompressor(maxMessage);
    this.cipher = cipher;
  }

  /// Whether the message that stands up to `end` has to go through [#unframe]; decided on its first
  /// two bytes.
  public static boolean isFramed(byte[] message, int end, boolean packed) {
    if (end > MARK && message[1] == ':') {
      return message[0] == 'C' || message[0] == 'M' || message[0] == 'E';
    }
    return packed && beginsWithMap(message, end);
  }

  /// `packed` says that the connection asked for MessagePack, so that a map may come without `M:`;
  /// `keys` is null where encryption is not on. Neither the text nor the binary opcode matters: no
  /// text begins like a naked map.
  public Unframed unframe(byte[] message, boolean packed, @Nullable KeyExchange keys) {
    if (message.length > MARK && message[1] == ':') {
      switch (message[0]) {
        case 'C' -> {
          return decompressor.inflate(message, MARK, message.length);
        }
        case 'M' -> {
          return unpacked(message, MARK);
        }
        case 'E' -> {
          return opened(message, keys);
        }
        default -> {}
      }
    }
    return packed && beginsWithMap(message, message.length)
        ? unpacked(message, 0)
        : new Unframed.Text(message);
  }

  private Unframed unpacked(byte[] message, int from) {
    var json = packs.json(message, from, message.length);
    return json == null
        ? new Unframed.Refused(Unframed.Reason.NOT_PACKED)
        : new Unframed.Text(json);
  }

  private Unframed opened(byte[] message, @Nullable KeyExchange keys) {
    if (keys == null || !keys.isAgreed()) {
      return new Unframed.Refused(Unframed.Reason.NO_KEY);
    }
    var plain = keys.open(cipher, message, MARK, message.length);
    return plain == null
        ? new Unframed.Refused(Unframed.Reason.NOT_SEALED)
        : new Unframed.Text(plain);
  }

  /// Source: the MessagePack specification, map format family.
  private static boolean beginsWithMap(byte[] message, int end) {
    int first = end == 0 ? 0 : message[0] & 0xFF;
    return (first & 0xF0) == 0x80 || first == 0xDE || first == 0xDF;
  }

  @Override
  public void close() {
    decompressor.close();
  }
}
