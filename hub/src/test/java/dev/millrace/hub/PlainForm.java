package dev.millrace.hub;

import io.netty.buffer.ByteBuf;

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
}
