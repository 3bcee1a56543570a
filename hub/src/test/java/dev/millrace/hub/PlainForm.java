package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Frames for tests: a length of four bytes, then the payload.
final class PlainForm implements WireForm {
  private final String name;

  PlainForm(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int sizeLimit(Message message) {
    return 4 + message.payload().length;
  }

  @Override
  public int encode(Message message, Stamp stamp, ByteBuf out) {
    if (message.type().equals("unencodable")) {
      out.writeInt(-1);
      throw new IllegalStateException("this type has no form");
    }
    out.writeInt(message.payload().length).writeBytes(message.payload());
    return -1;
  }

  /// The form `copied` can be made of this one: a `~` follows what was copied.
  @Override
  public @Nullable Reencoder reencoderOf(WireForm canonical) {
    if (!name.equals("copied")) {
      return null;
    }
    return (frame, out) -> {
      var buffer = frame.buffer();
      int length = buffer.getInt(frame.start());
      if (buffer.getByte(frame.start() + 4) == '!') {
        out.writeInt(-1);
        throw new IllegalStateException("this frame cannot be copied");
      }
      out.writeInt(length + 1).writeBytes(buffer, frame.start() + 4, length).writeByte('~');
      return -1;
    };
  }

  @Override
  public @Nullable HistoryEntry read(long offset, ByteBuf frame) {
    var payload = new byte[frame.readInt()];
    frame.readBytes(payload);
    return payload[0] == '?' ? null : new HistoryEntry(offset, "id", "t", payload, 7);
  }
}
