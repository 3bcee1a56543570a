package dev.millrace.signals.device;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A device without hardware: whoever holds it feeds what nodes read and takes what they write. As
/// a loopback, what is written is what is read. Both queues are bounded, in packets. Safe from any
/// thread.
public final class SimulatedDevice implements AudioDevice {
  private final String profileId;
  private final ArrayBlockingQueue<Packet> toNodes;
  private final ArrayBlockingQueue<Packet> fromNodes;
  private final AtomicLong refused = new AtomicLong();
  private final @Nullable String fault;

  // Written by whoever opens and closes it, read by nodes.
  private volatile boolean open;

  private SimulatedDevice(
      String profileId,
      ArrayBlockingQueue<Packet> toNodes,
      ArrayBlockingQueue<Packet> fromNodes,
      @Nullable String fault) {
    this.profileId = profileId;
    this.toNodes = toNodes;
    this.fromNodes = fromNodes;
    this.fault = fault;
  }

  /// A device that is fed with [#feed] and emptied with [#taken].
  public static SimulatedDevice of(String profileId, int packets) {
    return new SimulatedDevice(
        profileId, new ArrayBlockingQueue<>(packets), new ArrayBlockingQueue<>(packets), null);
  }

  /// A device whose output is its input.
  public static SimulatedDevice loopback(String profileId, int packets) {
    var queue = new ArrayBlockingQueue<Packet>(packets);
    return new SimulatedDevice(profileId, queue, queue, null);
  }

  /// A device that cannot be opened, and says why.
  public static SimulatedDevice broken(String profileId, String fault) {
    return new SimulatedDevice(
        profileId, new ArrayBlockingQueue<>(1), new ArrayBlockingQueue<>(1), fault);
  }

  @Override
  public String profileId() {
    return profileId;
  }

  @Override
  public void open() throws IOException {
    if (fault != null) {
      throw new IOException(fault);
    }
    open = true;
  }

  /// Brings a packet for a node to read.
  ///
  /// @return false if the queue is full
  public boolean feed(Packet packet) {
    return toNodes.offer(packet);
  }

  /// The oldest packet that a node wrote, null if there is none.
  public @Nullable Packet taken() {
    return fromNodes.poll();
  }

  @Override
  public @Nullable Packet read() {
    return open ? toNodes.poll() : null;
  }

  @Override
  public boolean write(Packet.Pcm packet) {
    if (open && fromNodes.offer(packet)) {
      return true;
    }
    refused.incrementAndGet();
    return false;
  }

  /// How many packets were written without room for them, or while closed.
  public long refused() {
    return refused.get();
  }

  @Override
  public void close() {
    open = false;
  }
}
