package dev.millrace.net;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A client that sends any bytes it likes. Reads wait 10 s at most.
public final class RawPeer implements AutoCloseable {
  public static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  public final Socket socket;
  private final DataInputStream in;

  /// One frame as it came; `payload` unmasked already.
  public record Frame(int first, byte[] payload) {
    public int opcode() {
      return first & 0x0f;
    }

    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /// The code of a close frame, or -1.
    public int closeCode() {
      return payload.length < 2 ? -1 : (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
    }
  }

  public RawPeer(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /// Over any connected socket.
  public RawPeer(Socket connected) throws IOException {
    socket = connected;
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  public RawPeer handshake(String path) throws IOException {
    send(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Key: "
            + KEY
            + "\r\n\r\n");
    var head = head();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError(head);
    }
    return this;
  }

  public RawPeer send(String ascii) throws IOException {
    return send(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawPeer send(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  public RawPeer frame(int first, byte[] payload) throws IOException {
    return send(masked(first, payload));
  }

  public RawPeer text(String text) throws IOException {
    return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Up to and with the empty line.
  public String head() throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /// Head and body of one answer with Content-Length.
  public String answer() throws IOException {
    var head = head();
    int at = head.indexOf("Content-Length: ");
    int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  /// Exactly so many, or fewer at the end.
  public byte[] bytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  public Frame frame() throws IOException {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    if (length > 127) {
      throw new AssertionError("a server must not mask");
    }
    long bytes = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
    return new Frame(first, in.readNBytes((int) bytes));
  }

  /// Everything until the server ends the connection; a reset counts as an end.
  public byte[] rest() throws IOException {
    var all = new ByteArrayOutputStream();
    try {
      in.transferTo(all);
    } catch (java.net.SocketException reset) {
      return all.toByteArray();
    }
    return all.toByteArray();
  }

  /// Whether the server has ended the connection, within the read timeout.
  public boolean atEnd() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  public int available() throws IOException {
    return in.available();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /// A client's frame with a fixed mask.
  public static byte[] masked(int first, byte[] payload) {
    var out = new ByteArrayOutputStream();
    out.write(first);
    int n = payload.length;
    if (n <= 125) {
      out.write(0x80 | n);
    } else if (n <= 0xffff) {
      out.write(0x80 | 126);
      out.write(n >> 8);
      out.write(n);
    } else {
      out.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) n >> shift));
      }
    }
    byte[] key = {0x37, (byte) 0xfa, 0x21, 0x3d};
    out.writeBytes(key);
    for (int i = 0; i < n; i++) {
      out.write(payload[i] ^ key[i & 3]);
    }
    return out.toByteArray();
  }
}
