package dev.millrace.bench.reference;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.Mask;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Turns what publishers sent into ready frames, once, and writes them to every subscriber: one
/// write per subscriber and batch, whatever the number of frames. Confined to the hub's thread.
final class Broadcast {
  private final ChunkPool pool = new ChunkPool();
  private final Audience audience = new Audience();
  private final long backlogLimitBytes;

  private Chunk chunk = pool.withRoomFor(0);
  private int batchStart;
  private long closedTooSlow;
  private long closedBroken;

  /// A subscriber that lags by more than `backlogLimitBytes` is closed.
  Broadcast(long backlogLimitBytes) {
    this.backlogLimitBytes = backlogLimitBytes;
  }

  void join(Peer subscriber) {
    audience.add(subscriber);
  }

  /// Closes `peer` and forgets it, whatever it was.
  void leave(Peer peer) {
    audience.remove(peer);
    peer.close();
  }

  int subscribers() {
    return audience.size();
  }

  /// Subscribers closed because they lagged too far.
  long closedTooSlow() {
    return closedTooSlow;
  }

  /// Subscribers that a write found gone.
  long closedBroken() {
    return closedBroken;
  }

  /// Opens a batch made from one read of `readBytes`. A frame never grows on its way through: it
  /// loses its mask.
  void begin(int readBytes) {
    chunk = pool.withRoomFor(readBytes);
    batchStart = chunk.bytes().position();
  }

  /// Adds the frame whose header was read at `at`, unmasked, to the batch.
  void add(ByteBuffer in, int at, long header) {
    int payload = at + FrameHeader.headerBytes(header);
    int length = FrameHeader.payloadBytes(header);
    var out = chunk.bytes();
    FrameHeader.write(out, FrameHeader.opcode(header), length);
    int start = out.position();
    out.put(start, in, payload, length);
    out.position(start + length);
    if (FrameHeader.isMasked(header)) {
      Mask.apply(out, start, length, in.getInt(payload - Integer.BYTES));
    }
  }

  /// Writes the batch to every subscriber and begins the next one behind it.
  void flush() {
    int batchEnd = chunk.bytes().position();
    if (batchEnd == batchStart) {
      return;
    }
    // Downwards, because whoever leaves is replaced by the last subscriber, already served.
    for (int seat = audience.size() - 1; seat >= 0; seat--) {
      var subscriber = audience.get(seat);
      try {
        if (subscriber.send(chunk, batchStart, batchEnd, pool) > backlogLimitBytes) {
          closedTooSlow++;
          leave(subscriber);
        }
      } catch (IOException gone) {
        closedBroken++;
        leave(subscriber);
      }
    }
    batchStart = batchEnd;
  }

  /// Answers one peer with the payload of the frame at `at`, between two batches.
  void echo(Peer peer, int opcode, ByteBuffer in, int at, long header) throws IOException {
    flush();
    add(in, at, header);
    chunk.bytes().put(batchStart, (byte) (0x80 | opcode));
    peer.send(chunk, batchStart, chunk.bytes().position(), pool);
    batchStart = chunk.bytes().position();
  }
}
