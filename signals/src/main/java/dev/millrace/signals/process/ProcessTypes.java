package dev.millrace.signals.process;

import dev.millrace.core.node.DataType;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Palette;
import java.util.List;

/// The node types of this package.
public final class ProcessTypes {
  public static final NodeType<GainNode.Config> GAIN =
      NodeType.transform(
              "Gain",
              "Multiplies samples by a factor, given as it is or in decibels.",
              GainNode.Config.class,
              GainNode::new)
          .alsoCalled("GainNode", "gainnode", "gain")
          .asStateless()
          .shownAs(processor("Gain", DataType.AUDIO_FRAME));

  public static final NodeType<FftNode.Config> FFT =
      NodeType.transform(
              "FFTNode",
              "Puts the spectrum of each channel in its place.",
              FftNode.Config.class,
              FftNode::new)
          .alsoCalled("FFT", "fftnode", "fft")
          .asStateless()
          .shownAs(processor("FFT", DataType.FFT_RESULT));

  public static final NodeType<FilterNode.Config> FILTER =
      NodeType.transform(
              "FilterNode",
              "Filters each channel: low, high or band pass, or a notch, of the second order.",
              FilterNode.Config.class,
              FilterNode::new)
          .alsoCalled("Filter", "filternode", "filter")
          .shownAs(processor("Filter", DataType.AUDIO_FRAME));

  public static final List<NodeType<?>> ALL = List.of(GAIN, FFT, FILTER);

  private ProcessTypes() {}

  private static Palette processor(String title, DataType out) {
    return new Palette(title, Palette.Category.PROCESSORS, DataType.AUDIO_FRAME, out);
  }
}
