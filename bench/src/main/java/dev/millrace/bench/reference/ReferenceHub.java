package dev.millrace.bench.reference;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Handshake;
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

/// A broadcast hub on loopback: whatever anybody sends to `/pub`, everybody on `/sub` receives, in
/// order. [#run] is its one thread; everything else here is confined to it, except [#stop].
public final class ReferenceHub {
  /// Bytes a subscriber may lag before it is closed.
  public static final long BACKLOG_LIMIT_BYTES = 16L << 20;

  private static final int READ_BYTES = 256 * 1024;
  private static final int ACCEPT_QUEUE = 4_096;

  private final Selector selector;
  private final ServerSocketChannel door;
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BYTES);
  private final Broadcast broadcast;
  private long closedBroken;
  private volatile boolean stopping; // written by whoever stops it, read by the loop once per turn

  /// Binds `port` of the loopback address, 0 for any.
  public ReferenceHub(int port, long backlogLimitBytes) throws IOException {
    broadcast = new Broadcast(backlogLimitBytes);
    selector = Selector.open();
    door = ServerSocketChannel.open();
    door.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ACCEPT_QUEUE);
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
        if (key.attachment() instanceof Peer peer) {
          broadcast.leave(peer);
        }
      }
    }
  }

  /// Ends [#run] soon. From any thread, any number of times.
  public void stop() {
    stopping = true;
    selector.wakeup();
  }

  /// What became of connections that did not end by themselves, for the log.
  public String losses() {
    return broadcast.closedTooSlow()
        + " closed as too slow, "
        + (closedBroken + broadcast.closedBroken())
        + " broken";
  }

  private void serve(SelectionKey key) {
    if (!key.isValid()) {
      return; // a batch written earlier in this turn found the peer gone
    }
    if (!(key.attachment() instanceof Peer peer)) {
      acceptAll();
      return;
    }
    try {
      if (key.isWritable()) {
        peer.writable();
      }
      if (key.isReadable()) {
        read(peer);
      }
    } catch (IOException broken) {
      closedBroken++;
      broadcast.leave(peer);
    }
  }

  private void acceptAll() {
    try {
      SocketChannel socket;
      while ((socket = door.accept()) != null) {
        socket.configureBlocking(false);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        var key = socket.register(selector, SelectionKey.OP_READ);
        key.attach(new Peer(socket, key));
      }
    } catch (IOException failure) {
      // Out of descriptors, most likely; those who are in are served on.
      System.err.println("accepting a connection failed: " + failure);
    }
  }

  private void read(Peer peer) throws IOException {
    readBuffer.clear();
    peer.giveBackUnread(readBuffer);
    int read = peer.socket.read(readBuffer);
    if (read < 0) {
      broadcast.leave(peer);
      return;
    }
    int end = readBuffer.position();
    int at = peer.role == Peer.Role.GREETING ? greet(peer, end) : 0;
    at = frames(peer, at, end);
    if (peer.role != Peer.Role.GONE) {
      peer.keepUnread(readBuffer, at, end);
    }
  }

  /// Answers the handshake when all of it has come; returns where it ends.
  private int greet(Peer peer, int end) throws IOException {
    int headEnd = Handshake.headEnd(readBuffer, 0, end);
    if (headEnd < 0) {
      if (end > Handshake.MAX_HEAD_BYTES) {
        throw new ProtocolException("request head over " + Handshake.MAX_HEAD_BYTES + " bytes");
      }
      return 0;
    }
    var head = Handshake.head(readBuffer, 0, headEnd);
    var key = Handshake.header(head, "Sec-WebSocket-Key");
    boolean subscribes = head.startsWith("GET /sub ");
    if (key == null || !(subscribes || head.startsWith("GET /pub "))) {
      peer.socket.write(Handshake.refused(key == null ? "400 Bad Request" : "404 Not Found"));
      broadcast.leave(peer);
      return end;
    }
    var answer = Handshake.accepted(key);
    peer.socket.write(answer);
    if (answer.hasRemaining()) {
      throw new IOException("a fresh socket did not take the handshake");
    }
    peer.role = subscribes ? Peer.Role.SUBSCRIBER : Peer.Role.PUBLISHER;
    if (subscribes) {
      broadcast.join(peer);
    }
    return headEnd;
  }

  /// Handles the whole frames in `[at, end)` and sends on what a publisher said, in one batch.
  /// Returns where the first unfinished frame begins.
  private int frames(Peer peer, int at, int end) throws IOException {
    broadcast.begin(end - at);
    try {
      while (peer.role != Peer.Role.GREETING && peer.role != Peer.Role.GONE) {
        long header = FrameHeader.read(readBuffer, at, end);
        if (header == FrameHeader.INCOMPLETE || end - at < FrameHeader.frameBytes(header)) {
          break;
        }
        frame(peer, at, header);
        at += FrameHeader.frameBytes(header);
      }
    } finally {
      broadcast.flush(); // also what came whole before a publisher broke the protocol
    }
    return at;
  }

  private void frame(Peer peer, int at, long header) throws IOException {
    switch (FrameHeader.opcode(header)) {
      case FrameHeader.TEXT, FrameHeader.BINARY -> {
        if (peer.role == Peer.Role.PUBLISHER) {
          broadcast.add(readBuffer, at, header);
        }
      }
      case FrameHeader.PING -> broadcast.echo(peer, FrameHeader.PONG, readBuffer, at, header);
      case FrameHeader.CLOSE -> {
        broadcast.echo(peer, FrameHeader.CLOSE, readBuffer, at, header);
        broadcast.leave(peer);
      }
      default -> {} // a pong asks for nothing
    }
  }

  /// Runs a hub in a process of its own: prints `ready http://127.0.0.1:PORT`, serves until its
  /// standard input ends, so that it never outlives the process that started it.
  ///
  /// @param arguments the port, or nothing for any
  public static void main(String... arguments) throws IOException {
    int port = arguments.length == 0 ? 0 : Integer.parseInt(arguments[0]);
    var hub = new ReferenceHub(port, BACKLOG_LIMIT_BYTES);
    ParentWatch.start(hub::stop);
    System.out.println("ready http://127.0.0.1:" + hub.address().getPort());
    hub.run();
    System.err.println(hub.losses());
  }
}
