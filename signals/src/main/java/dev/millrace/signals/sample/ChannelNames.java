package dev.millrace.signals.sample;

import dev.millrace.core.frame.SampleBuffer;
import dev.millrace.core.frame.Samples;
import java.util.HashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The names of the channels of a device or a WAV file, `ch0`, `ch1` and so on, and where each
/// stands in a frame, which sorts by name: `ch10` before `ch2`. Confined to one thread.
public final class ChannelNames {
  private Samples shape = Samples.NONE; // as many channels as last asked for, without samples
  private int[] places = {}; // by number of the channel

  /// A frame's samples of channels 0 to n - 1.
  public Samples samples(SampleBuffer[] byNumber) {
    shapeFor(byNumber.length);
    var byName = new @Nullable SampleBuffer[byNumber.length];
    for (int i = 0; i < byNumber.length; i++) {
      byName[places[i]] = byNumber[i];
    }
    return shape.replaced(byName);
  }

  /// The arrays of channels 0 to n - 1, where n is how many the frame has.
  ///
  /// @throws IllegalArgumentException if they are called otherwise or not equally long
  public double[][] arrays(Samples samples) {
    int count = samples.count();
    shapeFor(count);
    var arrays = new double[count][];
    for (int i = 0; i < count; i++) {
      int place = places[i];
      if (!samples.name(place).equals(shape.name(place))) {
        throw new IllegalArgumentException(
            "the frame has "
                + count
                + " channels, but no "
                + name(i)
                + "; a device wants ch0 to "
                + name(count - 1));
      }
      arrays[i] = samples.channel(place);
      if (arrays[i].length != arrays[0].length) {
        throw new IllegalArgumentException(
            name(i)
                + " has "
                + arrays[i].length
                + " samples, ch0 has "
                + arrays[0].length
                + "; a device wants equally many");
      }
    }
    return arrays;
  }

  private void shapeFor(int count) {
    if (shape.count() == count) {
      return;
    }
    var channels = new HashMap<String, double[]>();
    IntStream.range(0, count).forEach(i -> channels.put(name(i), new double[0]));
    shape = Samples.of(channels);
    places = IntStream.range(0, count).map(i -> shape.indexOf(name(i))).toArray();
  }

  private static String name(int number) {
    return "ch" + number;
  }
}
