package dev.millrace.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;

/// The two ways to end a connection. On the channel's loop.
@SuppressWarnings("FutureReturnValueIgnored") // when closing fails, nothing is left to be done
public final class Closing {
  private Closing() {}

  /// Closes the socket; what is queued and what is unread is lost.
  public static void now(Channel channel) {
    channel.close();
  }

  /// Sends what is queued, then FIN, so that the last bytes arrive: closing a socket that has
  /// unread input resets it, and the reset may overtake what was just written. The owner of the
  /// channel reads on and throws away, and calls [#now] at the peer's FIN or when that takes too
  /// long.
  public static void afterLastBytes(Channel channel) {
    channel.config().setAutoRead(true);
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              if (channel instanceof DuplexChannel duplex && written.isSuccess()) {
                duplex.shutdownOutput();
              } else {
                channel.close();
              }
            });
  }
}
