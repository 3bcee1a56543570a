package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// A peer that sends whatever bytes it likes, HTTP or frames of RFC 6455, sound or not. Reads wait
/// for twenty seconds at most.
final class RawSocket implements AutoCloseable {
  static final int TEXT = 0x81; // with FIN, as the others
  static final int BINARY = 0x82;
  static final int PING = 0x89;
  static final int UNFINISHED_TEXT = 0x01;

  /// The peer ended the connection without a close frame.
  static final int CUT = 1_006;

  private static final int PATIENCE_MILLIS = 20_000;
  private static final int CLOSE = 8;
  private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

  private final URI address;
  private final Socket socket = new Socket();
  private final DataInputStream in;

  private RawSocket(URI address, int receiveBuffer) throws IOException {
    this.address = address;
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    this.in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1_024));
  }

  static RawSocket connect(URI address) throws IOException {
    return new RawSocket(address, 0);
  }

  /// Behind a finished handshake.
  static RawSocket webSocket(URI address, String path) throws IOException {
    return new RawSocket(address, 0).handshake(path);
  }

  /// The same with a receive buffer so small that the server soon knows who does not read.
  static RawSocket reluctant(URI address, String path) throws IOException {
    return new RawSocket(address, 4_096).handshake(path);
  }

  private RawSocket handshake(String path) throws IOException {
    send(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: "
            + address.getAuthority()
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    var head = head();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError("no handshake: " + head);
    }
    return this;
  }

  RawSocket send(String ascii) throws IOException {
    return send(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawSocket send(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /// One masked frame whose first byte is `first`.
  RawSocket frame(int first, byte[] payload) throws IOException {
    return send(masked(first, payload));
  }

  RawSocket text(String text) throws IOException {
    return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Up to and with the empty line.
  String head() throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /// The next frame's payload as text; a close frame or the end is an [EOFException].
  String next() throws IOException {
    int opcode = in.readUnsignedByte() & 0x0f;
    int length = in.readUnsignedByte();
    long bytes = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
    var payload = in.readNBytes((int) bytes);
    if (opcode == CLOSE) {
      int code = payload.length < 2 ? 0 : (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
      throw new Closed(code);
    }
    return new String(payload, StandardCharsets.UTF_8);
  }

  /// Reads until a frame holds `part`, and returns that frame.
  String awaitFrame(String part) throws IOException {
    while (true) {
      var frame = next();
      if (frame.contains(part)) {
        return frame;
      }
    }
  }

  /// Takes whatever comes until the server ends the connection.
  void awaitEnd() throws IOException {
    try {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  /// Reads until the server closes and returns its code, or [#CUT].
  int closeCode() throws IOException {
    try {
      while (true) {
        next();
      }
    } catch (Closed closed) {
      return closed.code;
    } catch (EOFException | SocketException gone) {
      return CUT;
    }
  }

  /// Takes so many bytes and no more.
  void take(int bytes) throws IOException {
    in.skipNBytes(bytes);
  }

  /// Whether the server has sent something that was not read yet.
  boolean hasSomething() throws IOException {
    return in.available() > 0;
  }

  /// Whether the server ends the connection before it sends another byte.
  boolean isAtEnd() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  /// Ends it as a machine does that loses its power, more or less: with a reset.
  void crash() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /// The server's close frame.
  private static final class Closed extends EOFException {
    private final int code;

    Closed(int code) {
      super("closed with " + code);
      this.code = code;
    }
  }

  static byte[] masked(int first, byte[] payload) {
    var out = new ByteArrayOutputStream(payload.length + 14);
    out.writeBytes(header(first, payload.length));
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ MASK[i & 3]);
    }
    return out.toByteArray();
  }

  /// What announces a masked frame of `bytes`, its mask included: its payload comes next.
  static byte[] header(int first, long bytes) {
    var out = new ByteArrayOutputStream();
    out.write(first);
    if (bytes <= 125) {
      out.write((int) (0x80 | bytes));
    } else if (bytes <= 0xffff) {
      out.write(0x80 | 126);
      out.write((int) (bytes >> 8));
      out.write((int) bytes);
    } else {
      out.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) (bytes >> shift));
      }
    }
    out.writeBytes(MASK);
    return out.toByteArray();
  }
}
