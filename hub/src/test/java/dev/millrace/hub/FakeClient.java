package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The transport of one session and the peer behind it, which may stop reading.
final class FakeClient implements SessionTransport {
  private final List<ByteBuf> written = new ArrayList<>();
  private final ByteBuf received = Unpooled.buffer();
  private final Consumer<String> sink;
  private Session session;
  private boolean reads = true;
  private boolean unfinished;
  private int flushes;
  private int largestFlush;
  private int closeCode;
  private String closeReason = "";

  /// Each complete frame that arrives goes to `sink`.
  @SuppressWarnings("NullAway") // attach follows at once
  FakeClient(Consumer<String> sink) {
    this.sink = sink;
  }

  static FakeClient on(Hub hub, SimulatedLoops.Loop loop, WireForm form, Consumer<String> sink) {
    var client = new FakeClient(sink);
    client.session = loop.in(() -> hub.open(loop, form, client));
    return client;
  }

  void attach(Session newSession) {
    session = newSession;
  }

  Session session() {
    return session;
  }

  int flushes() {
    return flushes;
  }

  int largestFlush() {
    return largestFlush;
  }

  int closeCode() {
    return closeCode;
  }

  String closeReason() {
    return closeReason;
  }

  boolean isJammed() {
    return !reads;
  }

  void stopReading() {
    reads = false;
  }

  /// Reads again; on the session's loop.
  void readOn() {
    reads = true;
    if (unfinished) {
      unfinished = false;
      receive();
      session.writable();
    }
  }

  @Override
  public void write(ByteBuf frames) {
    written.add(frames);
  }

  @Override
  public boolean flush() {
    flushes++;
    largestFlush = Math.max(largestFlush, written.stream().mapToInt(ByteBuf::readableBytes).sum());
    unfinished = !reads && !written.isEmpty();
    if (!unfinished) {
      receive();
    }
    return !unfinished;
  }

  @Override
  public void close(int code, String reason) {
    closeCode = code;
    closeReason = reason;
    gone();
  }

  /// The frames of an unfinished write.
  List<String> inFlight() {
    var texts = new ArrayList<String>();
    for (var frames : written) {
      var copy = frames.duplicate();
      while (copy.isReadable()) {
        texts.add(copy.readCharSequence(copy.readInt(), StandardCharsets.UTF_8).toString());
      }
    }
    return texts;
  }

  /// The connection breaks: what was written is lost.
  void gone() {
    written.forEach(ByteBuf::release);
    written.clear();
    unfinished = false;
    session.close();
  }

  private void receive() {
    for (var frames : written) {
      received.writeBytes(frames);
      frames.release();
    }
    written.clear();
    while (received.isReadable()) {
      var frame = new byte[received.readInt()];
      received.readBytes(frame);
      sink.accept(new String(frame, StandardCharsets.UTF_8));
    }
    received.clear();
  }
}
