package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.codec.FrameContent;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Which framings a frame of the server's own may have.
enum SystemKind {
  /// PING and PONG: clients look for them in plain texts, and nowhere else.
  BARE,
  /// What a client must be able to read before it knows how anything is framed.
  HANDSHAKE,
  /// Everything else.
  OTHER;

  private static final byte[] TYPE = "{\"t\":\"".getBytes(StandardCharsets.US_ASCII);

  static SystemKind of(ByteBuf frame) {
    return of(frame, frame.readerIndex() + FrameContent.headerBytes(frame, frame.readerIndex()));
  }

  /// The kind of the frame whose content, a category and an envelope of this server's, begins at
  /// `at`.
  static SystemKind of(ByteBuf frame, int at) {
    int brace = at;
    while (frame.getByte(brace) != '{') {
      brace++;
    }
    int from = brace + TYPE.length;
    if (is(frame, from, "PING") || is(frame, from, "PONG")) {
      return BARE;
    }
    return is(frame, from, "server_ready") || is(frame, from, "server_hello") ? HANDSHAKE : OTHER;
  }

  private static boolean is(ByteBuf frame, int from, String type) {
    int end = from + type.length();
    if (end >= frame.writerIndex() || frame.getByte(end) != '"') {
      return false;
    }
    for (int i = 0; i < type.length(); i++) {
      if (frame.getByte(from + i) != type.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
