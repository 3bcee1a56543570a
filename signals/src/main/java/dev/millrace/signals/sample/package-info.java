/// Samples between frames and bytes: the formats that devices and WAV files share, and what their
/// channels are called. No thread of its own. Open [SampleFormat] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.signals.sample;
