package dev.millrace.bench.reference;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// Sends every frame back to whoever sent it, whatever its path was; what one read brought goes
/// back in one write. [#run] is its one thread; everything else here is confined to it, except
/// [#stop].
public final class EchoServer {
  private static final int READ_BYTES = 256 * 1024;
  private static final int ACCEPT_QUEUE = 4_096;

  private final Selector selector = Selector.open();
  private final ServerSocketChannel door = ServerSocketChannel.open();
  private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
  private final ByteBuffer out = ByteBuffer.allocateDirect(READ_BYTES);
  private volatile boolean stopping; // written by whoever stops it, read by the loop once per turn

  /// A connection: what it has begun to say, and what it has not taken yet.
  private static final class Speaker {
    final SocketChannel socket;
    boolean greeted;
    @Nullable ByteBuffer unread;
    @Nullable ByteBuffer unsent;

    Speaker(SocketChannel socket) {
      this.socket = socket;
    }
  }

  /// Binds any port of the loopback address.
  public EchoServer() throws IOException {
    door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ACCEPT_QUEUE);
    door.configureBlocking(false);
    door.register(selector, SelectionKey.OP_ACCEPT);
  }

  public InetSocketAddress address() throws IOException {
    return (InetSocketAddress) door.getLocalAddress();
  }

  /// Serves until [#stop]; a broken peer costs only its own connection.
  ///
  /// @throws IOException if the selector or the listening socket fails
  public void run() throws IOException {
    try (selector;
        door) {
      while (!stopping) {
        selector.select(this::serve);
      }
      for (var key : selector.keys()) {
        key.channel().close();
      }
    }
  }

  /// Ends [#run] soon. From any thread, any number of times.
  public void stop() {
    stopping = true;
    selector.wakeup();
  }

  private void serve(SelectionKey key) {
    try {
      if (!(key.attachment() instanceof Speaker speaker)) {
        acceptAll();
      } else if (key.isWritable()) {
        writeRest(speaker, key);
      } else if (key.isReadable()) {
        read(speaker, key);
      }
    } catch (IOException broken) {
      System.err.println("a connection broke: " + broken);
      key.cancel();
      try {
        key.channel().close();
      } catch (IOException failure) {
        System.err.println("closing a connection failed: " + failure);
      }
    }
  }

  private void acceptAll() throws IOException {
    SocketChannel socket;
    while ((socket = door.accept()) != null) {
      socket.configureBlocking(false);
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.register(selector, SelectionKey.OP_READ, new Speaker(socket));
    }
  }

  private void read(Speaker speaker, SelectionKey key) throws IOException {
    in.clear();
    if (speaker.unread != null) {
      in.put(speaker.unread);
      speaker.unread = null;
    }
    if (speaker.socket.read(in) < 0) {
      speaker.socket.close();
      return;
    }
    int end = in.position();
    int at = speaker.greeted ? 0 : greet(speaker, end);
    if (speaker.greeted) {
      at = echo(at, end);
      send(speaker, key);
    }
    if (at < end) {
      speaker.unread = ByteBuffer.allocate(end - at).put(in.limit(end).position(at)).flip();
    }
  }

  private int greet(Speaker speaker, int end) throws IOException {
    int headEnd = Handshake.headEnd(in, 0, end);
    if (headEnd < 0) {
      return 0;
    }
    var clientKey = Handshake.header(Handshake.head(in, 0, headEnd), "Sec-WebSocket-Key");
    if (clientKey == null) {
      throw new ProtocolException("a request without a Sec-WebSocket-Key");
    }
    speaker.socket.write(Handshake.accepted(clientKey));
    speaker.greeted = true;
    return headEnd;
  }

  /// Puts the whole frames of `[at, end)` into the output, unmasked. They never grow on the way.
  private int echo(int at, int end) throws IOException {
    out.clear();
    while (true) {
      long header = FrameHeader.read(in, at, end);
      if (header == FrameHeader.INCOMPLETE || end - at < FrameHeader.frameBytes(header)) {
        return at;
      }
      int payload = at + FrameHeader.headerBytes(header);
      int length = FrameHeader.payloadBytes(header);
      FrameHeader.write(out, FrameHeader.opcode(header), length);
      int start = out.position();
      out.put(start, in, payload, length);
      out.position(start + length);
      if (FrameHeader.isMasked(header)) {
        Mask.apply(out, start, length, in.getInt(payload - Integer.BYTES));
      }
      at += FrameHeader.frameBytes(header);
    }
  }

  private void send(Speaker speaker, SelectionKey key) throws IOException {
    speaker.socket.write(out.flip());
    if (out.hasRemaining()) {
      // Nothing more is read from a peer that does not take what it has coming.
      speaker.unsent = ByteBuffer.allocate(out.remaining()).put(out).flip();
      key.interestOps(SelectionKey.OP_WRITE);
    }
  }

  private static void writeRest(Speaker speaker, SelectionKey key) throws IOException {
    var unsent = speaker.unsent;
    if (unsent != null) {
      speaker.socket.write(unsent);
      if (unsent.hasRemaining()) {
        return;
      }
      speaker.unsent = null;
    }
    key.interestOps(SelectionKey.OP_READ);
  }

  /// Runs one in a process of its own: prints `ready http://127.0.0.1:PORT`, serves until its
  /// standard input ends.
  public static void main(String... arguments) throws IOException {
    var server = new EchoServer();
    ParentWatch.start(server::stop);
    System.out.println("ready http://127.0.0.1:" + server.address().getPort());
    server.run();
  }
}
