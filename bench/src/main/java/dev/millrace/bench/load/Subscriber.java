package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;

/// Receives, and checks that it received everything once and in order. Reads of a frame only its
/// header and the marker, at the place where the last one stood. Confined to the load's thread.
final class Subscriber extends WebSocketConnection {
  private final Ledger ledger;
  private final Reception reception;

  Subscriber(Target target, String path, Selector selector, Ledger ledger) throws IOException {
    super(target, path, selector);
    this.ledger = ledger;
    reception = new Reception(ledger);
  }

  @Override
  int consume(ByteBuffer bytes, int at, int end) throws IOException {
    long now = System.nanoTime(); // one look at the clock for all that came in one read
    int start = at;
    int offset = ledger.markerOffset;
    while (true) {
      long header = FrameHeader.read(bytes, at, end);
      if (header == FrameHeader.INCOMPLETE) {
        break;
      }
      int payload = at + FrameHeader.headerBytes(header);
      int next = payload + FrameHeader.payloadBytes(header);
      if (next > end) {
        break;
      }
      if (FrameHeader.opcode(header) >= FrameHeader.CLOSE) {
        control(bytes, at, header);
      } else if (Marker.standsAt(bytes, payload + offset, next)) {
        reception.delivered(bytes, payload + offset, now);
      } else {
        offset = unfamiliar(bytes, payload, next, now);
      }
      at = next;
    }
    ledger.bytes += at - start;
    return at;
  }

  @Override
  void writable() {
    // A subscriber is never interested: what it says is short and rare.
  }

  /// A frame without a marker in the usual place: the first of its shape, or a message of the
  /// server about itself. Returns where the marker stood, or the usual place.
  private int unfamiliar(ByteBuffer bytes, int payload, int end, long now) throws IOException {
    int marker = Marker.find(bytes, payload, end);
    if (marker < 0) {
      replyIfPing(bytes, payload, end);
      return ledger.markerOffset;
    }
    ledger.markerOffset = marker - payload;
    ledger.wireBytes = FrameHeader.wireBytes(end - payload);
    reception.delivered(bytes, marker, now);
    return ledger.markerOffset;
  }
}
