package dev.millrace.net.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The way of one connection's bytes to its socket: past the pipeline where nothing in it touches
/// them, and past Netty's queue too while nothing is in it, one buffer is to go and the socket
/// takes it: a queue costs an entry and a walk through the channel for each write. Confined to the
/// loop.
final class Outlet {
  private final Channel channel;
  private final boolean straight; // past the pipeline
  private final @Nullable Socket socket; // if it may be written to
  private @Nullable ByteBuf only; // what there is to flush, if it is one buffer
  private boolean queued = true; // something may be in Netty's queue, as the handshake's answer

  Outlet(Channel channel) {
    this.channel = channel;
    this.straight = channel.pipeline().get(SslHandler.class) == null;
    this.socket =
        straight && channel instanceof EpollSocketChannel epoll && epoll.fd() instanceof Socket fd
            ? fd
            : null;
  }

  /// Takes over the reference.
  void write(ByteBuf bytes) {
    if (socket != null && only == null && unfinished() == 0 && bytes.hasMemoryAddress()) {
      only = bytes;
      return;
    }
    queueOnly();
    queue(bytes);
  }

  /// Hands everything written to the socket; what that does not take is queued.
  void flush() {
    var bytes = only;
    if (bytes != null && sent(bytes)) {
      return;
    }
    queueOnly();
    if (straight) {
      channel.unsafe().flush();
    } else {
      channel.flush();
    }
  }

  /// Bytes in the queue, including Netty's own count per buffer.
  long unfinished() {
    if (!queued) {
      return 0;
    }
    var waiting = channel.unsafe().outboundBuffer();
    long bytes = waiting == null ? 0 : waiting.totalPendingWriteBytes();
    queued = bytes > 0;
    return bytes;
  }

  /// The socket is gone.
  void drop() {
    if (only != null) {
      only.release();
      only = null;
    }
  }

  /// Whether the socket took all of it. The channel must be active: a closed socket's descriptor
  /// may be another's by now.
  private boolean sent(ByteBuf bytes) {
    if (socket == null) {
      return false;
    }
    int from = bytes.readerIndex();
    try {
      bytes.readerIndex(
          from + socket.sendAddress(bytes.memoryAddress(), from, bytes.writerIndex()));
    } catch (IOException broken) {
      return false; // Netty's own attempt fails likewise, and closes the channel
    }
    if (bytes.isReadable()) {
      return false;
    }
    drop();
    return true;
  }

  private void queueOnly() {
    if (only != null) {
      queue(only);
      only = null;
    }
  }

  private void queue(ByteBuf bytes) {
    queued = true;
    if (straight) {
      var unsafe = channel.unsafe();
      unsafe.write(bytes, unsafe.voidPromise());
    } else {
      var _ = channel.write(bytes, channel.voidPromise());
    }
  }
}
