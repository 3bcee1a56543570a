package dev.millrace.signals.device;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// How many frames a node has made, and how many of them of packets. Confined to the node's thread.
final class PacketCounters {
  private static final int STATE_VERSION = 1;

  private long frames;
  private long packets;

  /// The number of the next frame, from 0.
  long next() {
    return frames++;
  }

  /// The number of the next packet, from 0.
  long nextPacket() {
    return packets++;
  }

  void save(DataOutput out) throws IOException {
    out.writeByte(STATE_VERSION);
    out.writeLong(frames);
    out.writeLong(packets);
  }

  void restore(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != STATE_VERSION) {
      throw new IOException("counters of version " + version + ", not " + STATE_VERSION);
    }
    frames = in.readLong();
    packets = in.readLong();
  }
}
