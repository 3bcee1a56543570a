package dev.millrace.signals.device;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;

/// What turns the values of a physical channel into those that it means: value · gain + offset.
public record Calibration(
    @About("What each value is multiplied with.") @Default("1.0") double gain,
    @About("What is added after that.") @Default("0.0") double offset) {

  void apply(double[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * gain + offset;
    }
  }
}
