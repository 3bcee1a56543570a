package dev.millrace.systemtest;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// How a server takes a WebSocket that somebody opens.
final class Handshake {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final byte[] PING = {(byte) 0x89, (byte) 0x80, 0, 0, 0, 0}; // RFC 6455, 5.5.2
  private static final int CLOSE = 8;
  private static final int PONG = 10;

  private Handshake() {}

  /// The status of the answer; where that is 101 and the server closes before it answers a ping,
  /// the code it closes with. `token` may be empty.
  static int outcome(URI address, String path, String token) {
    try (var socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      var request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: "
              + address.getAuthority()
              + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
              + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      var in = socket.getInputStream();
      var head = head(in);
      int status = Integer.parseInt(head, 9, 12, 10); // "HTTP/1.1 403 …"
      if (status != SWITCHING_PROTOCOLS) {
        return status;
      }
      socket.getOutputStream().write(PING);
      return closeCode(new DataInputStream(in), status);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Reads frames until one is a pong, which makes `otherwise`, or a close.
  private static int closeCode(DataInputStream in, int otherwise) throws IOException {
    while (true) {
      int opcode = in.readUnsignedByte() & 0x0f;
      int length = in.readUnsignedByte();
      if (opcode == PONG) {
        return otherwise;
      }
      if (opcode == CLOSE) {
        return in.readUnsignedShort();
      }
      in.skipNBytes(
          length == 127 ? in.readLong() : length == 126 ? in.readUnsignedShort() : length);
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the answer ends after " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }
}
