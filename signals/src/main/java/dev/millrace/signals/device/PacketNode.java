package dev.millrace.signals.device;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// For each frame that comes in, the next packet of a device as a frame, or something in its stead
/// if there is no device or no packet. Frames are numbered anew. Never waits for the device.
abstract class PacketNode implements Processor, Stateful {
  private final AudioDevices devices;
  private final String device;
  private final PacketReader reader;
  private final long firstNumber;
  private final PacketCounters counters = new PacketCounters();
  private @Nullable NodeContext context; // set by open, before any frame
  private @Nullable SampleLender lender; // likewise

  /// `firstNumber` is that of a packet which comes first of all.
  PacketNode(AudioDevices devices, String device, PacketReader.Config packets, long firstNumber) {
    this.devices = devices;
    this.device = device;
    this.reader = new PacketReader(packets);
    this.firstNumber = firstNumber;
  }

  /// What goes on where `frame` finds no packet; `number` counts from 0.
  abstract Frame without(Frame frame, long number);

  /// Before a packet goes on.
  void look(Packet packet) {}

  @Override
  public final void open(NodeContext opened) {
    context = opened;
    lender = opened.samples();
  }

  @Override
  public final void process(Frame frame, Outlet outlet) {
    var lent = Objects.requireNonNull(lender, "a frame came before open");
    // Looked for each time, since devices come and go while a graph runs.
    var packet = devices.find(device).map(AudioDevice::read).orElse(null);
    long number = counters.next();
    if (packet == null) {
      outlet.emit(without(frame, number));
    } else {
      look(packet);
      outlet.emit(
          reader.frame(
              packet, counters.nextPacket(), firstNumber + number, frame.metadata(), lent));
    }
  }

  final String node() {
    return Objects.requireNonNull(context, "the node is not open").node();
  }

  @Override
  public final void save(DataOutput out) throws IOException {
    counters.save(out);
  }

  @Override
  public final void restore(DataInput in) throws IOException {
    counters.restore(in);
  }
}
