package dev.millrace.gateway.wse.filter;

import dev.millrace.gateway.wse.codec.FrameContent;
import dev.millrace.hub.FrameReader;
import dev.millrace.hub.FrameView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// The payload of a frame, for filters and keys: parsed at most once per frame and loop, and only
/// if one of them asks. Reads WebSocket frames of every form, and server-sent events.
public final class PayloadReader implements FrameReader<JsonPayload> {
  public static final PayloadReader INSTANCE = new PayloadReader();

  private static final int FIN = 0x80; // no byte of a text has it first
  private static final byte[] DATA = {'d', 'a', 't', 'a', ':', ' '};

  private PayloadReader() {}

  @Override
  public JsonPayload read(FrameView frame) {
    var buffer = frame.buffer();
    var payload = new JsonPayload(0);
    if ((buffer.getByte(frame.start()) & FIN) != 0) {
      int header = FrameContent.headerBytes(buffer, frame.start());
      int from = frame.start() + header;
      payload.envelope(
          FrameContent.mark(buffer, from) == 0
              ? buffer.slice(from, frame.length() - header)
              : Unpooled.wrappedBuffer(frame.read(FrameContent.INSTANCE)));
    } else {
      payload.envelope(data(buffer.slice(frame.start(), frame.length())));
    }
    return payload;
  }

  @Override
  public int bytes(JsonPayload read, FrameView frame) {
    return read.length();
  }

  /// The lines of data of one event, without line ends, which are blanks to JSON.
  private static ByteBuf data(ByteBuf event) {
    var data = Unpooled.buffer(event.readableBytes());
    while (event.isReadable()) {
      int end = event.bytesBefore((byte) '\n');
      int length = end < 0 ? event.readableBytes() : end;
      int from = event.readerIndex();
      boolean isData = length >= DATA.length;
      for (int i = 0; i < DATA.length && isData; i++) {
        isData = event.getByte(from + i) == DATA[i];
      }
      if (isData) {
        data.writeBytes(event, from + DATA.length, length - DATA.length).writeByte(' ');
      }
      event.skipBytes(end < 0 ? length : length + 1);
    }
    return data;
  }
}
