package dev.millrace.net.websocket;

import dev.millrace.net.Closing;
import dev.millrace.net.Deadlines.Deadline;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// One WebSocket, either half: what may be written to it and how it is closed.
///
/// Confined to its loop; from elsewhere go through `loop().execute(…)`. Writing to a connection
/// that is no longer open does nothing (buffers are released), so nobody needs to ask first.
///
/// **Writing.** [#write] queues ready frames and [#flush] makes one system call. What the socket
/// does not take stays with Netty; [#unfinished] says so and [WebSocketListener#writable] tells
/// when it is gone. Whoever has much to send waits for that: this is not a queue. Inside a read
/// callback nobody needs to flush: it happens once after [WebSocketListener#readComplete].
public final class WebSocketConnection {
  private enum State {
    OPEN,
    /// This half has sent a close frame first and waits for the peer's.
    CLOSING,
    /// Both close frames are out, or the connection has failed: only TCP is left to end.
    DONE
  }

  private final Channel channel;
  private final Loop loop;
  private final WebSocketLimits limits;
  private final @Nullable SecureRandom masks; // the client half's; null in a server
  private final Outlet outlet;
  private final InboundHandler inbound;
  private State state = State.OPEN;
  private int closeCode = CloseCode.ABNORMAL;
  private String closeReason = "";
  private boolean dirty;
  private boolean awaitsCompletion;
  private boolean pinged;
  private byte @Nullable [] owedPong;
  private @Nullable Deadline deadline; // made when first needed

  private WebSocketConnection(
      Channel channel, Loop loop, WebSocketLimits limits, @Nullable SecureRandom masks) {
    this.channel = channel;
    this.loop = loop;
    this.limits = limits;
    this.masks = masks;
    this.outlet = new Outlet(channel);
    this.inbound = new InboundHandler(this);
  }

  /// Makes the server half of a connection whose handshake is done, on `channel`, whose pipeline
  /// has nothing behind the bytes any more. On the loop.
  public static WebSocketConnection open(Channel channel, Loop loop, Upgrade.Accept accepted) {
    return open(channel, loop, accepted, null);
  }

  static WebSocketConnection open(
      Channel channel, Loop loop, Upgrade.Accept accepted, @Nullable SecureRandom masks) {
    var connection = new WebSocketConnection(channel, loop, accepted.limits(), masks);
    loop.metrics().counter(NetMetric.WEBSOCKETS, masks == null ? "server" : "client").inc();
    channel.pipeline().addLast(connection.inbound);
    connection.inbound.open(accepted.listener());
    connection.awaitNextPing();
    return connection;
  }

  public Loop loop() {
    return loop;
  }

  public WebSocketLimits limits() {
    return limits;
  }

  /// The peer's IP literal, or empty when the channel has none.
  public String remoteAddress() {
    return channel.remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "";
  }

  /// Whether messages still come and writes still go out.
  public boolean isOpen() {
    return state == State.OPEN;
  }

  /// Queues complete frames, several if need be, and takes over the reference. A server's frames
  /// are unmasked; the client half has only the `send` methods. Allocates nothing.
  public void write(ByteBuf readyFrames) {
    if (masks != null) {
      readyFrames.release();
      throw new IllegalStateException("a client's frames need masks; use sendText or sendBinary");
    }
    if (state == State.OPEN) {
      put(readyFrames);
    } else {
      readyFrames.release();
    }
  }

  /// Hands everything written to the socket. One system call unless an earlier write is unfinished.
  public void flush() {
    if (!channel.isActive()) {
      outlet.drop();
      return;
    }
    dirty = false;
    outlet.flush();
    if (unfinished() > 0) {
      awaitCompletion();
    }
  }

  /// Bytes that the socket has not taken of what was flushed, including Netty's own count per
  /// buffer; 0 when all is out.
  public long unfinished() {
    return outlet.unfinished();
  }

  /// Writes one text message; [#flush] sends it.
  public void sendText(String text) {
    if (state == State.OPEN) {
      int bytes = ByteBufUtil.utf8Bytes(text);
      var frame = begin(Frames.TEXT, bytes);
      int from = frame.writerIndex();
      frame.writeCharSequence(text, StandardCharsets.UTF_8);
      end(frame, from);
    }
  }

  /// Writes one binary message and releases `payload`; [#flush] sends it.
  public void sendBinary(ByteBuf payload) {
    if (state == State.OPEN) {
      frame(Frames.BINARY, payload);
    }
    payload.release();
  }

  /// Sends a ping with at most 125 bytes, at once.
  public void ping(byte[] payload) {
    if (payload.length > Frames.MAX_CONTROL) {
      throw new IllegalArgumentException("a ping of " + payload.length + " bytes > 125");
    }
    if (state == State.OPEN) {
      frame(Frames.PING, Unpooled.wrappedBuffer(payload));
      flush();
    }
  }

  /// Begins the closing handshake: sends the close frame, goes on reading until the peer's arrives,
  /// for [WebSocketLimits#closeTimeout] at most, then ends TCP. `code` is [CloseCode#NO_CODE] or
  /// one that may be sent; the reason is cut to 123 bytes. The second close, and any later one,
  /// does nothing.
  public void close(int code, String reason) {
    if (code != CloseCode.NO_CODE && !CloseCode.mayBeSent(code)) {
      throw new IllegalArgumentException("close code " + code + " must not be sent");
    }
    if (state != State.OPEN) {
      return;
    }
    state = State.CLOSING;
    closeCode = code;
    closeReason = reason;
    frame(Frames.CLOSE, Unpooled.wrappedBuffer(Frames.closePayload(code, reason)));
    flush();
    deadline().set(limits.closeTimeout());
    inbound.resume(); // the peer's close frame must get through
  }

  /// No [WebSocketListener#message] comes until [#resumeReading], not even of what this read has
  /// already brought, and the peer feels it. Meanwhile its pings get no answer and its close is not
  /// noticed.
  public void pauseReading() {
    if (state == State.OPEN) {
      inbound.pause();
    }
  }

  /// Undoes [#pauseReading]. Messages held back come in a later turn, not inside this call.
  public void resumeReading() {
    inbound.resume();
  }

  Channel channel() {
    return channel;
  }

  boolean isClient() {
    return masks != null;
  }

  boolean isDone() {
    return state == State.DONE;
  }

  int closeCode() {
    return closeCode;
  }

  String closeReason() {
    return closeReason;
  }

  /// Answers a ping. While an earlier write is unfinished only the latest ping is owed an answer,
  /// so a peer that pings and never reads costs 125 bytes. Source: RFC 6455, section 5.5.3.
  void pong(ByteBuf payload) {
    if (awaitsCompletion) {
      owedPong = ByteBufUtil.getBytes(payload);
    } else {
      frame(Frames.PONG, payload);
    }
  }

  /// Answers the peer's close frame, or takes it as the answer to ours. Source: RFC 6455, section
  /// 5.5.1.
  void closeReceived(int code, String reason, ByteBuf payload) {
    if (state == State.OPEN) {
      closeCode = code;
      closeReason = reason;
      frame(Frames.CLOSE, payload);
      flush();
    }
    endTcp();
  }

  /// Fails the connection: tells the peer why, once, and ends TCP. Source: RFC 6455, section 7.1.7.
  void fail(Violation violation) {
    loop.metrics().counter(NetMetric.PROTOCOL_ERRORS, violation.label()).inc();
    if (state == State.OPEN) {
      closeCode = violation.code();
      closeReason = violation.reason();
      frame(Frames.CLOSE, Unpooled.wrappedBuffer(Frames.closePayload(closeCode, closeReason)));
      flush();
    }
    endTcp();
  }

  void flushIfDirty() {
    if (dirty) {
      flush();
    }
  }

  /// The socket is gone.
  void gone() {
    state = State.DONE;
    outlet.drop();
    if (deadline != null) {
      deadline.clear();
    }
  }

  private void endTcp() {
    state = State.DONE;
    // The server ends TCP first; a client only does so when that takes too long (section 7.1.1).
    deadline().set(limits.closeTimeout());
    if (masks == null) {
      Closing.afterLastBytes(channel, inbound.hasEnded());
    }
  }

  private ByteBuf begin(int opcode, int payloadBytes) {
    boolean masked = masks != null;
    var frame = loop.allocator().buffer(Frames.MAX_HEADER + payloadBytes);
    Frames.writeHeader(frame, Frames.FIN | opcode, masked ? Frames.MASKED : 0, payloadBytes);
    if (masks != null) {
      frame.writeInt(masks.nextInt());
    }
    return frame;
  }

  private void end(ByteBuf frame, int payloadStart) {
    if (masks != null) {
      int key = frame.getInt(payloadStart - Integer.BYTES);
      Masking.apply(
          frame.internalNioBuffer(payloadStart, frame.writerIndex() - payloadStart), key, 0);
    }
    put(frame);
  }

  private void frame(int opcode, ByteBuf payload) {
    int bytes = payload.readableBytes();
    var frame = begin(opcode, bytes);
    int from = frame.writerIndex();
    frame.writeBytes(payload, payload.readerIndex(), bytes);
    end(frame, from);
  }

  private void put(ByteBuf bytes) {
    dirty = true;
    loop.countWritten(bytes.readableBytes());
    outlet.write(bytes);
  }

  /// An empty buffer behind the unfinished ones completes after them: one promise for a whole jam,
  /// none for a write that goes through.
  private void awaitCompletion() {
    if (!awaitsCompletion) {
      awaitsCompletion = true;
      // Not at once: it completes inside Netty's own flush, where another flush would do nothing.
      var _ =
          channel
              .writeAndFlush(Unpooled.EMPTY_BUFFER)
              .addListener(done -> loop.execute(this::completed));
    }
  }

  private void completed() {
    awaitsCompletion = false;
    if (unfinished() > 0) {
      awaitCompletion();
      return;
    }
    if (owedPong != null && state == State.OPEN) {
      frame(Frames.PONG, Unpooled.wrappedBuffer(owedPong));
      owedPong = null;
      flush();
    }
    if (state == State.OPEN) {
      inbound.tellWritable();
    }
  }

  private Deadline deadline() {
    var made = deadline;
    if (made == null) {
      made = loop.deadlines().create(this::deadlineMissed);
      deadline = made;
    }
    return made;
  }

  private void awaitNextPing() {
    if (!limits.pingInterval().isZero() && state == State.OPEN) {
      pinged = false;
      deadline().set(limits.pingInterval());
    }
  }

  private void deadlineMissed() {
    if (state != State.OPEN) {
      loop.metrics().counter(NetMetric.CLOSE_TIMEOUTS).inc();
      Closing.now(channel);
    } else if (!pinged) {
      pinged = true;
      inbound.forgetHearing();
      deadline().set(limits.pongTimeout());
      ping(new byte[0]);
    } else if (inbound.hasHeard()) {
      awaitNextPing();
    } else {
      loop.metrics().counter(NetMetric.CLOSE_TIMEOUTS).inc();
      Closing.now(channel);
    }
  }
}
