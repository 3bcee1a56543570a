package dev.millrace.net.websocket;

import dev.millrace.net.Closing;
import dev.millrace.net.NetMetric;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The reading side of one connection: the only handler in its pipeline, apart from TLS. Turns
/// bytes into calls of the listener and keeps the promise that `closed` comes once and last.
/// Confined to the loop.
final class InboundHandler extends ChannelInboundHandlerAdapter implements FrameDecoder.Sink {
  private static final Logger log = LoggerFactory.getLogger(InboundHandler.class);
  private static final WebSocketListener NOBODY = (text, payload) -> {};

  private final WebSocketConnection connection;
  private final FrameDecoder decoder;
  private WebSocketListener listener = NOBODY;
  private boolean paused;
  private boolean heard = true;
  private boolean toldClosed;
  private boolean endOfInput;
  private @Nullable ByteBuf held; // what a pause kept of the last read

  InboundHandler(WebSocketConnection connection) {
    this.connection = connection;
    var loop = connection.loop();
    this.decoder =
        new FrameDecoder(
            loop.allocator(),
            loop.incompleteInput(),
            connection.limits().maxMessageBytes(),
            !connection.isClient(),
            loop.shortMessage());
  }

  void open(Function<WebSocketConnection, WebSocketListener> factory) {
    try {
      listener = factory.apply(connection);
      listener.opened();
    } catch (RuntimeException failure) {
      callbackFailed(failure);
    }
  }

  void pause() {
    paused = true;
    connection.channel().config().setAutoRead(false);
  }

  void resume() {
    if (paused) {
      paused = false;
      connection.loop().execute(this::readOn);
    }
  }

  boolean hasHeard() {
    return heard || paused; // a peer that we do not listen to is not silent
  }

  /// Whether the peer sends nothing more.
  boolean hasEnded() {
    return endOfInput;
  }

  void forgetHearing() {
    heard = false;
  }

  void tellWritable() {
    try {
      listener.writable();
    } catch (RuntimeException failure) {
      callbackFailed(failure);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    if (!(read instanceof ByteBuf in)) {
      ReferenceCountUtil.release(read);
      return;
    }
    connection.loop().countRead(in.readableBytes());
    heard = true;
    if (paused || held != null) {
      hold(in);
    } else {
      decode(in);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    readComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (Closing.isEndOfInput(event)) {
      endOfInput = true;
      closeAtEndOfInput();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connection.gone();
    tellClosed();
    decoder.dispose();
    if (held != null) {
      held.release();
      held = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.debug("A connection failed and is closed", cause);
    }
    Closing.now(context.channel());
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    if (connection.isOpen()) {
      connection.loop().countMessage();
      listener.message(text, payload);
    }
  }

  @Override
  public void control(int opcode, ByteBuf payload) {
    switch (opcode) {
      case Frames.PING -> {
        if (connection.isOpen()) {
          connection.pong(payload);
        }
      }
      case Frames.CLOSE -> closeFrame(payload);
      default -> {} // a pong: that something came is what counts
    }
  }

  @Override
  public boolean stopped() {
    return paused || connection.isDone();
  }

  private void closeFrame(ByteBuf payload) {
    int at = payload.readerIndex();
    int bytes = payload.readableBytes();
    if (bytes == 0) {
      connection.closeReceived(CloseCode.NO_CODE, "", payload);
    } else if (bytes == 1) {
      connection.fail(Violation.CLOSE_MALFORMED);
    } else if (!CloseCode.mayBeSent(payload.getUnsignedShort(at))) {
      connection.fail(Violation.CLOSE_CODE);
    } else if (Utf8.check(Utf8.BOUNDARY, payload.nioBuffer(at + 2, bytes - 2)) != Utf8.BOUNDARY) {
      connection.fail(Violation.CLOSE_REASON);
    } else {
      var reason = payload.toString(at + 2, bytes - 2, StandardCharsets.UTF_8);
      connection.closeReceived(payload.getUnsignedShort(at), reason, payload);
    }
    tellClosed();
  }

  private void readOn() {
    if (paused) {
      return; // paused again meanwhile; the next resume comes back here
    }
    var rest = held;
    held = null;
    if (rest != null) {
      decode(rest);
      readComplete();
    }
    if (!paused) {
      connection.channel().config().setAutoRead(true);
      closeAtEndOfInput();
    }
  }

  /// A peer may send its last messages and FIN while reading is paused; they still count.
  private void closeAtEndOfInput() {
    if (endOfInput && !paused && held == null) {
      Closing.now(connection.channel());
    }
  }

  private void decode(ByteBuf in) {
    try {
      var violation = decoder.decode(in, this);
      if (violation != null) {
        connection.fail(violation);
        tellClosed();
      } else if (in.isReadable() && !connection.isDone()) {
        held = in.retain();
      }
    } catch (RuntimeException failure) {
      callbackFailed(failure);
    } finally {
      in.release();
    }
    if (connection.isDone()) {
      decoder.dispose();
    }
  }

  private void readComplete() {
    try {
      if (connection.isOpen()) {
        listener.readComplete();
      }
    } catch (RuntimeException failure) {
      callbackFailed(failure);
    }
    connection.flushIfDirty();
  }

  /// A second read while one is held: only TLS gives several at once.
  private void hold(ByteBuf in) {
    if (held == null) {
      held = in;
      return;
    }
    var both = held.alloc().buffer(held.readableBytes() + in.readableBytes());
    both.writeBytes(held).writeBytes(in);
    held.release();
    in.release();
    held = both;
  }

  private void callbackFailed(RuntimeException failure) {
    connection.loop().metrics().counter(NetMetric.CALLBACK_FAILURES).inc();
    log.error("A WebSocket listener failed; its connection is closed with 1011", failure);
    connection.close(CloseCode.SERVER_ERROR, "Server error");
  }

  private void tellClosed() {
    if (toldClosed) {
      return;
    }
    toldClosed = true;
    try {
      listener.closed(connection.closeCode(), connection.closeReason());
    } catch (RuntimeException failure) {
      callbackFailed(failure);
    }
    listener = NOBODY; // what it holds is free, even while TCP ends
  }
}
