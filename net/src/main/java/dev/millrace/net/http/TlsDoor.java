package dev.millrace.net.http;

import dev.millrace.net.Closing;
import dev.millrace.net.Deadlines.Deadline;
import dev.millrace.net.EventLoops;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import dev.millrace.net.tls.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands before a connection to a TLS port until its handshake is done, within the time for a
/// request's head, and then goes. Who speaks HTTP without TLS is told so in HTTP. Confined to the
/// loop.
final class TlsDoor extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(TlsDoor.class);

  /// First byte of a TLS record that holds a handshake message. Source: RFC 8446, section 5.1.
  private static final int HANDSHAKE = 22;

  private final HttpConnection connection;
  private final EventLoops loops;
  private final Loop loop;
  private final Channel channel;
  private final Tls tls;
  private final Duration patience;
  private final Deadline deadline;
  private boolean knocked;
  private boolean settled;

  TlsDoor(HttpConnection connection, EventLoops loops, Loop loop, Channel channel, Tls tls) {
    this.connection = connection;
    this.loops = loops;
    this.loop = loop;
    this.channel = channel;
    this.tls = tls;
    this.patience = loops.spec().headerTimeout();
    this.deadline = loop.deadlines().create(() -> fail(Failure.TOO_SLOW));
  }

  /// Why a handshake came to nothing.
  private enum Failure {
    PLAIN_HTTP,
    NOT_TLS,
    TOO_SLOW,
    PEER_LEFT,
    REFUSED_BY_PEER,
    NOTHING_IN_COMMON,
    OVERLOADED,
    BROKEN
  }

  /// Takes over the channel's pipeline.
  void begin() {
    channel.pipeline().addLast(this);
    deadline.set(patience);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    if (settled || knocked || !(read instanceof ByteBuf bytes)) {
      // Bytes that TLS gives before it says that the handshake is done would be nobody's.
      ReferenceCountUtil.release(read);
      return;
    }
    knocked = true;
    int first = bytes.getUnsignedByte(bytes.readerIndex());
    if (first == HANDSHAKE) {
      channel.pipeline().addFirst(tls.newHandler(channel.alloc(), loops.handshakes()));
      channel.pipeline().fireChannelRead(bytes);
      return;
    }
    bytes.release();
    if (first >= 'A' && first <= 'Z') {
      settle(Failure.PLAIN_HTTP);
      connection.begin();
      channel.pipeline().remove(this);
      connection.reject(Rejection.PLAIN_HTTP);
    } else {
      fail(Failure.NOT_TLS);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (!handshake.isSuccess()) {
        log.debug("A TLS handshake failed", handshake.cause());
        settle(reason(handshake.cause())); // the handler sends its alert and closes
      } else if (!settled) {
        settled = true;
        deadline.clear();
        loop.metrics().counter(NetMetric.TLS_HANDSHAKES).inc();
        connection.begin();
        channel.pipeline().remove(this);
      }
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      fail(Failure.PEER_LEFT);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    settle(Failure.PEER_LEFT);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.debug("A connection failed during its TLS handshake", cause);
    fail(Failure.BROKEN);
  }

  private void fail(Failure why) {
    settle(why);
    Closing.now(channel);
  }

  private void settle(Failure why) {
    if (!settled) {
      settled = true;
      deadline.clear();
      var label = why.name().toLowerCase(Locale.ROOT);
      loop.metrics().counter(NetMetric.TLS_HANDSHAKE_FAILURES, label).inc();
    }
  }

  /// The JDK tells its reasons apart in words only.
  private static Failure reason(Throwable cause) {
    if (cause instanceof RejectedExecutionException) {
      return Failure.OVERLOADED;
    }
    if (!(cause instanceof SSLException)) {
      return Failure.PEER_LEFT;
    }
    var words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (words.contains("received fatal alert")) {
      return Failure.REFUSED_BY_PEER;
    }
    if (words.contains("in common")
        || words.contains("not supported by the server")
        || words.contains("not enabled or supported")
        || words.contains("protocol version")) {
      return Failure.NOTHING_IN_COMMON;
    }
    return words.contains("not an ssl/tls record") ? Failure.NOT_TLS : Failure.BROKEN;
  }
}
