package dev.millrace.signals.generate;

/// What a generator plays. Each call continues where the last one ended, and everything that
/// follows is a function of one number. Confined to the node's thread.
interface Waveform {

  /// The next samples, as many as the array holds.
  void fill(double[] out);

  /// Where the next sample stands, in a unit of the waveform's own.
  long position();

  /// Goes on from a [#position].
  ///
  /// @throws IllegalArgumentException if it cannot be one of this waveform
  void moveTo(long position);
}
