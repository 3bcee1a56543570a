package dev.millrace.signals.process;

import org.jtransforms.fft.DoubleFFT_1D;
import org.visnow.jlargearrays.ConcurrencyUtils;

/// Takes spectra of stretches of one length: the window, the plan of the transform and the array it
/// works in, all made once. Confined to the node's thread.
final class Spectrum {
  static {
    // The library would spread long transforms over threads of its own; the engine has the threads.
    ConcurrencyUtils.setNumberOfThreads(1);
  }

  private final int size;
  private final double[] window;
  private final double[] work;
  private final DoubleFFT_1D transform;

  /// `length` samples, padded with zeros to `size` or cut off there.
  Spectrum(Window window, int length, int size) {
    this.size = size;
    this.window = window.of(Math.min(length, size));
    this.work = new double[size];
    this.transform = new DoubleFFT_1D(size);
  }

  /// The points of the transform.
  int size() {
    return size;
  }

  /// Half of them and one: the bins of a spectrum.
  int bins() {
    return size / 2 + 1;
  }

  /// Puts |X|² of each bin into `out`.
  void powers(double[] in, double[] out) {
    var values = work;
    var factors = window;
    for (int i = 0; i < factors.length; i++) {
      values[i] = in[i] * factors[i];
    }
    for (int i = factors.length; i < size; i++) {
      values[i] = 0;
    }
    transform.realForward(values);
    unpack(values, out);
  }

  /// Real and imaginary parts alternate. The second place, which bin 0 does not need, holds the
  /// last bin of an even transform, which is real, or the last imaginary part of an odd one.
  private void unpack(double[] values, double[] out) {
    out[0] = values[0] * values[0];
    int last = size / 2;
    for (int k = 1; k < last; k++) {
      out[k] = values[2 * k] * values[2 * k] + values[2 * k + 1] * values[2 * k + 1];
    }
    if (last > 0) {
      double real = size % 2 == 0 ? 0 : values[2 * last];
      out[last] = real * real + values[1] * values[1];
    }
  }
}
