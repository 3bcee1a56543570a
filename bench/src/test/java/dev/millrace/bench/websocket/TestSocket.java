package dev.millrace.bench.websocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A blocking WebSocket client for tests, which says and reads what the test wants byte for byte. A
/// read that gets nothing for ten seconds fails.
public final class TestSocket implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int KEY = 0x11223344;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(1 << 20).limit(0);

  private TestSocket(SocketChannel channel) {
    this.channel = channel;
  }

  /// Connects and says nothing.
  public static TestSocket raw(InetSocketAddress address) throws IOException {
    var channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.socket().setSoTimeout(TIMEOUT_MILLIS);
    return new TestSocket(channel);
  }

  /// Connects and shakes hands for `path`.
  public static TestSocket connected(InetSocketAddress address, String path) throws IOException {
    var socket = raw(address);
    socket.send(Handshake.request("localhost", path, "dGhlIHNhbXBsZSBub25jZQ=="));
    var head = socket.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new AssertionError("refused: " + head);
    }
    return socket;
  }

  /// The server's end of a connection, before the handshake.
  public static TestSocket accepted(SocketChannel channel) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.socket().setSoTimeout(TIMEOUT_MILLIS);
    return new TestSocket(channel);
  }

  public void send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  public void sendFrame(int opcode, String payload) throws IOException {
    send(frame(opcode, payload));
  }

  /// An unmasked frame, as a server sends it.
  public void sendPlain(int opcode, String payload) throws IOException {
    var bytes = payload.getBytes(StandardCharsets.UTF_8);
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES + bytes.length);
    FrameHeader.write(out, opcode, bytes.length);
    send(out.put(bytes).flip());
  }

  /// A masked frame, as a client sends it.
  public static ByteBuffer frame(int opcode, String payload) {
    var bytes = payload.getBytes(StandardCharsets.UTF_8);
    var out = ByteBuffer.allocate(FrameHeader.MAX_HEADER_BYTES + bytes.length);
    FrameHeader.writeMasked(out, opcode, bytes.length, KEY);
    int start = out.position();
    out.put(bytes);
    Mask.apply(out, start, bytes.length, KEY);
    return out.flip();
  }

  public String readHead() throws IOException {
    int end;
    while ((end = Handshake.headEnd(in, in.position(), in.limit())) < 0) {
      if (!fill()) {
        return "";
      }
    }
    var head = Handshake.head(in, in.position(), end);
    in.position(end);
    return head;
  }

  /// The payloads of the next `count` frames, whatever their opcode.
  public List<String> read(int count) throws IOException {
    var payloads = new ArrayList<String>();
    while (payloads.size() < count) {
      payloads.add(readFrame().payload());
    }
    return payloads;
  }

  public Received readFrame() throws IOException {
    while (true) {
      long header = FrameHeader.read(in, in.position(), in.limit());
      if (header != FrameHeader.INCOMPLETE && in.remaining() >= FrameHeader.frameBytes(header)) {
        in.position(in.position() + FrameHeader.headerBytes(header));
        var payload = new byte[FrameHeader.payloadBytes(header)];
        if (FrameHeader.isMasked(header)) {
          Mask.apply(in, in.position(), payload.length, in.getInt(in.position() - 4));
        }
        in.get(payload);
        return new Received(
            FrameHeader.opcode(header), new String(payload, StandardCharsets.UTF_8));
      }
      if (!fill()) {
        throw new AssertionError("the connection ended");
      }
    }
  }

  /// Whether the server ends the connection; what it still says is thrown away.
  public boolean ends() throws IOException {
    try {
      while (fill()) {
        in.position(in.limit());
      }
      return true;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /// Reads more behind what is there; false at the end of the connection.
  private boolean fill() throws IOException {
    in.compact();
    // The stream of the socket, because only it honours the timeout.
    int read = channel.socket().getInputStream().read(in.array(), in.position(), in.remaining());
    in.position(in.position() + Math.max(read, 0)).flip();
    return read >= 0;
  }

  public record Received(int opcode, String payload) {}
}
