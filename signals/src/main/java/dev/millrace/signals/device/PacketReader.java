package dev.millrace.signals.device;

import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.spec.About;
import dev.millrace.signals.process.AddedMetadata;
import dev.millrace.signals.process.SampleRate;
import dev.millrace.signals.sample.ChannelNames;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes frames of packets: channels `ch0`, `ch1` and so on, calibrated and mapped, with the
/// packet's rate as metadata `sample_rate`. Confined to the node's thread.
final class PacketReader {
  private final List<Calibration> calibration;
  private final List<Route> routes;
  private final ChannelNames names = new ChannelNames();
  private @Nullable ChannelMapping mapping; // for the number of channels that came last
  private double[][] physical = {}; // where channels stand before they are mapped
  private int ratedFor;
  private AddedMetadata rated = AddedMetadata.always(Map.of());

  /// The keys of every node that reads a device.
  record Config(
      @About(
              "Gain and offset of each physical channel; those beyond the list are taken as they"
                  + " are.")
          List<Calibration> calibration,
      @About(
              "What each channel of a frame is made of: Direct: i, Reorder: [i, …] (the first),"
                  + " Merge: [i, …] (the mean) or Duplicate: i. Without it the physical channels.")
          List<Tree> mapping) {
    Config {
      mapping.forEach(Route::of);
    }

    List<Route> routes() {
      return mapping.stream().map(Route::of).toList();
    }
  }

  PacketReader(Config config) {
    this.calibration = config.calibration();
    this.routes = config.routes();
  }

  /// The frame of a packet. `index` counts packets from 0 and stands in for a timestamp that the
  /// packet does not have; `metadata` are kept.
  ///
  /// @throws IllegalArgumentException if the packet is none of samples, or not as configured
  Frame frame(Packet packet, long index, long sequence, Metadata metadata, SampleLender lender) {
    return switch (packet) {
      case Packet.Opaque(var data) ->
          throw new IllegalArgumentException(
              data.length + " opaque bytes of a device cannot become a frame");
      case Packet.Pcm pcm ->
          new Frame(
              micros(pcm, index),
              sequence,
              samples(pcm, lender),
              rated(pcm.sampleRate()).to(metadata));
    };
  }

  private Samples samples(Packet.Pcm packet, SampleLender lender) {
    if (calibration.size() > packet.channels()) {
      throw new IllegalArgumentException(
          calibration.size() + " calibrations for " + packet.channels() + " physical channels");
    }
    int count = routes.isEmpty() ? packet.channels() : routes.size();
    var buffers = new SampleBuffer[count];
    var arrays = new double[count][];
    for (int i = 0; i < count; i++) {
      buffers[i] = lender.take(packet.samples());
      arrays[i] = buffers[i].array();
    }
    if (routes.isEmpty()) {
      read(packet, arrays);
    } else {
      var mapped = mapping(packet.channels());
      read(packet, physical(packet));
      mapped.apply(physical, arrays);
    }
    return names.samples(buffers);
  }

  private void read(Packet.Pcm packet, double[][] channels) {
    int bytes = packet.format().bytes();
    for (int i = 0; i < channels.length; i++) {
      packet.format().read(packet.data(), i * bytes, packet.channels() * bytes, channels[i]);
      if (i < calibration.size()) {
        calibration.get(i).apply(channels[i]);
      }
    }
  }

  private ChannelMapping mapping(int physicalChannels) {
    if (mapping == null || mapping.physicalChannels() != physicalChannels) {
      mapping = new ChannelMapping(physicalChannels, routes);
    }
    return mapping;
  }

  private double[][] physical(Packet.Pcm packet) {
    if (physical.length != packet.channels() || physical[0].length != packet.samples()) {
      physical = new double[packet.channels()][packet.samples()];
    }
    return physical;
  }

  private AddedMetadata rated(int sampleRate) {
    if (ratedFor != sampleRate) {
      rated = AddedMetadata.always(Map.of(SampleRate.KEY, Integer.toString(sampleRate)));
      ratedFor = sampleRate;
    }
    return rated;
  }

  /// Devices count nanoseconds, frames microseconds. Without a time, the packets before this one,
  /// as long as this one each, say when it began.
  private static long micros(Packet.Pcm packet, long index) {
    if (packet.timestampNanos().isPresent()) {
      return packet.timestampNanos().getAsLong() / 1_000;
    }
    long samples = index * packet.samples();
    long rate = packet.sampleRate();
    return samples / rate * 1_000_000 + samples % rate * 1_000_000 / rate;
  }
}
