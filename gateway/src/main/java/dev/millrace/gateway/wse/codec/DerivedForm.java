package dev.millrace.gateway.wse.codec;

import dev.millrace.hub.Reencoder;
import dev.millrace.hub.WireForm;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Another look of the frames of a plain form: where they stand, and what can be made of them, is
/// what the plain form says.
abstract class DerivedForm implements WireForm {
  /// What takes over where this look does not serve.
  final WireForm plain;

  private final WireForm stamped;

  /// `derive` makes the same of the stamped form.
  DerivedForm(WireForm plain, UnaryOperator<WireForm> derive) {
    this.plain = plain;
    var plainStamped = plain.stamped();
    this.stamped = plainStamped.equals(plain) ? this : derive.apply(plainStamped);
  }

  @Override
  public final WireForm stamped() {
    return stamped;
  }

  @Override
  public final boolean showsGaps() {
    return plain.showsGaps();
  }

  @Override
  public final WireForm readable() {
    return plain.readable();
  }

  @Override
  public final @Nullable Reencoder reencoderOf(WireForm other) {
    return other.readable().equals(readable()) ? EnvelopeReader.reencoder(this) : null;
  }
}
