package dev.millrace.bench.reference;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// One connection. Costs no buffer while it is idle and keeps up. Confined to the hub's thread.
final class Peer {
  final SocketChannel socket;
  Role role = Role.GREETING;

  /// Where [Audience] keeps this peer, while it is a subscriber.
  int seat = -1;

  private final SelectionKey key;
  private @Nullable ByteBuffer unread;
  private @Nullable Backlog backlog;

  Peer(SocketChannel socket, SelectionKey key) {
    this.socket = socket;
    this.key = key;
  }

  /// Puts back in front of `into` what the last read left over.
  void giveBackUnread(ByteBuffer into) {
    if (unread != null) {
      into.put(unread);
      unread = null;
    }
  }

  /// Keeps the beginning of a head or frame until the rest of it comes.
  void keepUnread(ByteBuffer bytes, int from, int to) {
    if (from < to) {
      unread =
          ByteBuffer.allocate(to - from).put(bytes.duplicate().limit(to).position(from)).flip();
    }
  }

  /// Writes `[from, to)` of `chunk`, or as much as the socket takes; the rest becomes backlog.
  ///
  /// @return bytes of backlog, 0 for a peer that keeps up
  long send(Chunk chunk, int from, int to, ChunkPool pool) throws IOException {
    if (backlog != null) {
      backlog.add(chunk, from, to);
      return backlog.bytes();
    }
    int written = socket.write(chunk.range(from, to));
    if (from + written == to) {
      return 0;
    }
    backlog = new Backlog(pool);
    backlog.add(chunk, from + written, to);
    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    return backlog.bytes();
  }

  /// The socket takes bytes again.
  void writable() throws IOException {
    if (backlog == null) {
      return;
    }
    backlog.writeTo(socket);
    if (backlog.isEmpty()) {
      backlog = null;
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  /// Closes the socket and lets go of everything; a second call does nothing.
  void close() {
    role = Role.GONE;
    if (backlog != null) {
      backlog.clear();
      backlog = null;
    }
    key.cancel();
    try {
      socket.close();
    } catch (IOException failure) {
      // Nothing is left to be lost on it; the peer sees the connection end either way.
      System.err.println("closing a connection failed: " + failure);
    }
  }

  enum Role {
    GREETING,
    SUBSCRIBER,
    PUBLISHER,
    GONE
  }
}
