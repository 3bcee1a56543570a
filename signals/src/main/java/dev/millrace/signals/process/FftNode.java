package dev.millrace.signals.process;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Hint;
import dev.millrace.core.spec.Range;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Puts a channel's spectrum in its place: size / 2 + 1 bins of the transform, which is not
/// normalised. Metadata `fft_size` and `bin_hz` say what the bins are; a channel whose size differs
/// from that of the first one has keys of its own, with its name after a dot. Notes on single
/// samples have no meaning in a spectrum and end here.
///
/// Any size works; powers of two are fastest, and others need an array for each transform.
public final class FftNode implements Processor {
  /// Frames of a stream have few lengths; beyond this the one unused for longest is forgotten.
  private static final int MOST_LENGTHS = 8;

  private final Config config;
  private final ChannelChoice channels;
  private final SampleRate rate;

  // By length of a channel, the one unused for longest first.
  private final LinkedHashMap<Integer, Spectrum> spectra = new LinkedHashMap<>(16, 0.75f, true);

  private @Nullable SampleLender lender; // set by open, before any frame
  private int namedSize; // what names says
  private double namedRate;
  private AddedMetadata names = AddedMetadata.always(new TreeMap<>());

  /// The keys of an `FFTNode`.
  public record Config(
      @About("What samples are multiplied with first; symmetric.") @Default("hann")
          Window windowType,
      @About(
              "The points of the transform; samples are padded with zeros, or cut off. Without it"
                  + " as many as the channel has samples.")
          @Range(min = 1, max = 16_777_216)
          @Nullable Integer size,
      @About("What is said of each bin X: 20·log10(|X|+1e-10), |X| or its square.") @Default("db")
          SpectrumScale output,
      @About("The rate of frames without the metadata sample_rate.")
          @Default("48000.0")
          @Hint(min = 8_000, max = 192_000, warns = false)
          double sampleRate,
      @About("The channels that are replaced; all if none is named.") List<String> channels) {
    public Config {
      Positive.require("sample_rate", sampleRate);
    }
  }

  public FftNode(Config config) {
    this.config = config;
    this.channels = new ChannelChoice(config.channels());
    this.rate = new SampleRate(config.sampleRate());
  }

  @Override
  public void open(NodeContext context) {
    lender = context.samples();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very same samples say that nothing was changed
  public void process(Frame frame, Outlet outlet) {
    var before = ChannelChoice.samplesOf(frame);
    double sampleRate = rate.of(frame.metadata());
    var after = channels.change(before, this::spectrum);
    if (after == before) {
      outlet.emit(frame);
      return;
    }
    if (!after.tags().isEmpty()) {
      after = after.withTags(List.of());
    }
    var metadata = named(before, after, frame.metadata(), sampleRate);
    outlet.emit(new Frame(frame.timestampMicros(), frame.sequence(), after, metadata));
  }

  private SampleBuffer spectrum(String name, double[] in) {
    if (lender == null) {
      throw new IllegalStateException("a frame came before open");
    }
    var spectrum = spectrum(in.length);
    var buffer = lender.take(spectrum.bins());
    spectrum.powers(in, buffer.array());
    config.output().apply(buffer.array());
    return buffer;
  }

  private Spectrum spectrum(int length) {
    var known = spectra.get(length);
    if (known == null) {
      if (spectra.size() == MOST_LENGTHS) {
        spectra.pollFirstEntry();
      }
      known = new Spectrum(config.windowType(), length, sizeFor(length));
      spectra.put(length, known);
    }
    return known;
  }

  private int sizeFor(int length) {
    return config.size() == null ? length : config.size();
  }

  @SuppressWarnings("ReferenceEquality") // a channel was changed if its array is another
  private Metadata named(Samples before, Samples after, Metadata given, double sampleRate) {
    int first = 0;
    @Nullable TreeMap<String, String> others = null;
    for (int i = 0; i < before.count(); i++) {
      if (before.channel(i) == after.channel(i)) {
        continue;
      }
      int size = sizeFor(before.channel(i).length);
      if (first == 0) {
        first = size;
      } else if (size != first) {
        others = others == null ? new TreeMap<>() : others;
        others.put("fft_size." + before.name(i), Integer.toString(size));
        others.put("bin_hz." + before.name(i), SampleRate.text(sampleRate / size));
      }
    }
    if (namedSize != first || namedRate != sampleRate) {
      names =
          AddedMetadata.always(
              Map.of(
                  "fft_size", Integer.toString(first),
                  "bin_hz", SampleRate.text(sampleRate / first)));
      namedSize = first;
      namedRate = sampleRate;
    }
    var named = names.to(given);
    return others == null ? named : AddedMetadata.always(others).to(named);
  }
}
