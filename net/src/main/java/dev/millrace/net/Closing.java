package dev.millrace.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/// The two ways to end a connection, and how to tell that the peer has. On the channel's loop.
@SuppressWarnings("FutureReturnValueIgnored") // when closing fails, nothing is left to be done
public final class Closing {
  private Closing() {}

  /// Closes the socket; what is queued and what is unread is lost. A peer behind TLS gets its
  /// close_notify if the socket takes it at once: nobody waits for one that takes nothing.
  public static void now(Channel channel) {
    var tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      channel.close();
    } else {
      tls.closeOutbound();
      channel.unsafe().close(channel.unsafe().voidPromise()); // past the handler, which would wait
    }
  }

  /// Sends what is queued, then close_notify where there is TLS, then FIN, so that the last bytes
  /// arrive: closing a socket that has unread input resets it, and the reset may overtake what was
  /// just written. The owner of the channel reads on and throws away, and calls [#now] at the
  /// peer's end of input or when that takes too long. Where `inputEnded` already, nothing would
  /// tell of that end, so the socket is closed behind the last byte. Source: RFC 8446, section 6.1.
  public static void afterLastBytes(Channel channel, boolean inputEnded) {
    channel.config().setAutoRead(true);
    lastBytes(channel)
        .addListener(
            written -> {
              if (!inputEnded && channel instanceof DuplexChannel duplex && written.isSuccess()) {
                duplex.shutdownOutput();
              } else {
                now(channel);
              }
            });
  }

  /// Whether a pipeline's event says that the peer sends nothing more: its FIN or close_notify.
  public static boolean isEndOfInput(Object event) {
    return event == ChannelInputShutdownEvent.INSTANCE
        || (event instanceof SslCloseCompletionEvent closed && closed.isSuccess());
  }

  private static ChannelFuture lastBytes(Channel channel) {
    var tls = channel.pipeline().get(SslHandler.class);
    return tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
  }
}
