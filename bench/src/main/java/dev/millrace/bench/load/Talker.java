package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;

/// Sends messages of one length as fast as the socket takes them, each with an id of its own; one
/// in a hundred is the one before it again. Confined to the load's thread.
final class Talker extends WebSocketConnection {
  private static final int REPEATED_EVERY = 100;
  private static final int PER_TURN = 64; // then others have their turn
  private static final int RESERVED_BYTES = 4_096; // for answers to pings
  private static final String BEFORE_ID = "{\"t\":\"bench_note\",\"id\":\"";
  private static final String AFTER_ID = "\",\"p\":{\"text\":\"";
  private static final String END = "\"},\"v\":1}";
  private static final byte[] PING = ascii("{\"t\":\"PING\",\"p\":{}}");
  private static final byte[] PONG = ascii("\"t\":\"PONG\"");

  /// The shortest message.
  static final int MIN_BYTES = BEFORE_ID.length() + Marker.BYTES + AFTER_ID.length() + END.length();

  private final Outgoing out = new Outgoing();
  private final boolean echoes;
  private final int number;
  private final byte[] message;
  private int sent;
  private int echoed;
  private int asked;
  private int answered;

  /// `number` tells its ids from those of others; with `echoes` everything comes back.
  Talker(Target target, Selector selector, int number, int messageBytes, boolean echoes)
      throws IOException {
    super(target, target.subscribePath("bench"), selector);
    this.number = number;
    this.echoes = echoes;
    message =
        ascii(
            BEFORE_ID
                + "0".repeat(Marker.BYTES)
                + AFTER_ID
                + "x".repeat(messageBytes - MIN_BYTES)
                + END);
  }

  /// Messages sent so far, repetitions included.
  int sent() {
    return sent;
  }

  int repeated() {
    return sent / REPEATED_EVERY;
  }

  int echoed() {
    return echoed;
  }

  /// Puts some messages into the output and writes what the socket takes.
  void talk() throws IOException {
    for (int put = 0;
        put < PER_TURN && out.hasRoomFor(RESERVED_BYTES + frameBytes(message));
        put++) {
      int start = put(message);
      Marker.write(out.bytes, start + BEFORE_ID.length(), id(sent++), number);
      Mask.apply(out.bytes, start, message.length, MASK);
    }
    out.flush(socket, key);
  }

  /// Asks for an answer that shows that everything before it has been handled. Says whether there
  /// was room for the question.
  boolean ask() throws IOException {
    boolean room = out.hasRoomFor(frameBytes(PING));
    if (room) {
      Mask.apply(out.bytes, put(PING), PING.length, MASK);
      asked++;
    }
    out.flush(socket, key);
    return room;
  }

  boolean isAnswered() {
    return answered == asked;
  }

  @Override
  void reply(int opcode, ByteBuffer payload) throws IOException {
    replyBehind(out, opcode, payload);
  }

  @Override
  void writable() throws IOException {
    out.flush(socket, key);
  }

  @Override
  int consume(ByteBuffer bytes, int at, int end) throws IOException {
    while (true) {
      long header = FrameHeader.read(bytes, at, end);
      if (header == FrameHeader.INCOMPLETE || end - at < FrameHeader.frameBytes(header)) {
        return at;
      }
      int payload = at + FrameHeader.headerBytes(header);
      int next = at + FrameHeader.frameBytes(header);
      if (FrameHeader.opcode(header) >= FrameHeader.CLOSE) {
        control(bytes, at, header);
      } else if (echoes) {
        echo(bytes, payload, next);
      } else if (contains(bytes, payload, next, PONG)) {
        answered++;
      } else {
        replyIfPing(bytes, payload, next);
      }
      at = next;
    }
  }

  private void echo(ByteBuffer bytes, int from, int to) throws IOException {
    if (to - from == PING.length) {
      answered++;
      return;
    }
    int marker = from + BEFORE_ID.length();
    if (to - from != message.length
        || !Marker.standsAt(bytes, marker, to)
        || Marker.sequence(bytes, marker) != id(echoed)) {
      throw new ProtocolException("echo " + echoed + " of " + path + " is not what was sent");
    }
    echoed++;
  }

  /// Appends header and payload, and returns where the payload begins; it is still to be masked.
  private int put(byte[] payload) {
    FrameHeader.writeMasked(out.bytes, FrameHeader.TEXT, payload.length, MASK);
    int start = out.bytes.position();
    out.bytes.put(payload);
    return start;
  }

  private static int id(int index) {
    return index % REPEATED_EVERY == REPEATED_EVERY - 1 ? index - 1 : index;
  }

  private static int frameBytes(byte[] payload) {
    return FrameHeader.MAX_HEADER_BYTES + payload.length;
  }
}
