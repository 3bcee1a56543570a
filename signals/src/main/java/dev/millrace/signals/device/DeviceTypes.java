package dev.millrace.signals.device;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import java.util.List;

/// The node types of this package, which know the devices there are.
public final class DeviceTypes {
  private static final int MOST_CHANNELS = 32;

  private DeviceTypes() {}

  public static List<NodeType<?>> of(AudioDevices devices) {
    return List.of(source(devices), input(devices), output(devices), ringFile());
  }

  private static NodeType<AudioSourceNode.Config> source(AudioDevices devices) {
    return NodeType.transform(
            "AudioSourceNode",
            "Reads a device, one packet for each frame that comes in; silence without one.",
            AudioSourceNode.Config.class,
            config -> new AudioSourceNode(config, devices))
        .alsoCalled("audiosourcenode", "audio_source", "AudioSource")
        .shownAs(clocked("Audio Source"));
  }

  private static NodeType<AudioInputNode.Config> input(AudioDevices devices) {
    return NodeType.transform(
            "AudioInputNode",
            "Reads a device, one packet for each frame that comes in; an empty frame without one.",
            AudioInputNode.Config.class,
            config -> new AudioInputNode(config, devices))
        .alsoCalled("AudioInput", "audioinputnode")
        .shownAs(clocked("Audio Input"));
  }

  private static NodeType<AudioOutputNode.Config> output(AudioDevices devices) {
    return NodeType.sink(
            "AudioOutputNode",
            "Hands frames to a device; what it has no room for is dropped and counted.",
            AudioOutputNode.Config.class,
            config -> new AudioOutputNode(config, devices))
        .alsoCalled("AudioOutput", "audiooutputnode")
        .shownAs(sink("Audio Output"));
  }

  private static NodeType<RingFileNode.Config> ringFile() {
    return NodeType.sink(
            "RingFileSink",
            "Keeps the newest samples in a file that other programs map and draw.",
            RingFileNode.Config.class,
            RingFileNode::new)
        .alsoCalled("ringfilesink")
        .shownAs(sink("Ring File"));
  }

  private static Palette clocked(String title) {
    return new Palette(title, Palette.Category.SOURCES, DataType.TRIGGER, DataType.AUDIO_FRAME);
  }

  private static Palette sink(String title) {
    return new Palette(title, Palette.Category.SINKS, DataType.AUDIO_FRAME, null);
  }

  /// @throws IllegalArgumentException unless there are 1 to 32
  static void checkChannels(int numChannels) {
    if (numChannels < 1 || numChannels > MOST_CHANNELS) {
      throw new IllegalArgumentException(
          "num_channels must be between 1 and " + MOST_CHANNELS + ", got " + numChannels);
    }
  }
}
