package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/// Receives, and checks that it received everything once and in order. Reads of a frame only its
/// header and the marker, at the place where the last one stood. Confined to the load's thread.
final class Subscriber extends Connection {
  private static final byte[] APPLICATION_PING =
      "\"t\":\"PING\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] APPLICATION_PONG =
      "{\"t\":\"PONG\",\"p\":{}}".getBytes(StandardCharsets.US_ASCII);

  private final Ledger ledger;
  private boolean seen;
  private int awaited;

  Subscriber(Target target, Selector selector, Ledger ledger) throws IOException {
    super(target, target.subscribePath(), selector);
    this.ledger = ledger;
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
        delivered(bytes, payload + offset, now);
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

  private void delivered(ByteBuffer bytes, int marker, long now) {
    int sequence = Marker.sequence(bytes, marker);
    if (sequence == awaited && seen) {
      awaited++;
      ledger.inSequence();
      if (ledger.wantsTime()) {
        ledger.time(now - Marker.nanos(bytes, marker));
      }
    } else {
      outOfSequence(sequence);
    }
  }

  private void outOfSequence(int sequence) {
    if (!seen) {
      seen = true;
      ledger.first(sequence);
    } else if (sequence > awaited) {
      ledger.skipped(sequence - awaited);
    } else {
      ledger.again();
      return;
    }
    awaited = sequence + 1;
  }

  /// A frame without a marker in the usual place: the first of its shape, or a message of the
  /// server about itself. Returns where the marker stood, or the usual place.
  private int unfamiliar(ByteBuffer bytes, int payload, int end, long now) throws IOException {
    int marker = Marker.find(bytes, payload, end);
    if (marker < 0) {
      if (contains(bytes, payload, end, APPLICATION_PING)) {
        reply(FrameHeader.TEXT, ByteBuffer.wrap(APPLICATION_PONG));
      }
      return ledger.markerOffset;
    }
    ledger.markerOffset = marker - payload;
    ledger.payloadBytes = end - payload;
    delivered(bytes, marker, now);
    return ledger.markerOffset;
  }

  private static boolean contains(ByteBuffer bytes, int from, int end, byte[] what) {
    var wanted = ByteBuffer.wrap(what);
    for (int at = from; at + what.length <= end; at++) {
      if (bytes.slice(at, what.length).equals(wanted)) {
        return true;
      }
    }
    return false;
  }
}
