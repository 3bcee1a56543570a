package dev.millrace.engine.tap;

import dev.millrace.core.frame.Frame;

/// A frame that left `place`, a node's id or `from->to`, with samples of its own, and when, in
/// microseconds since the Unix epoch. `missed` frames before it did not fit the reader's queue.
public record TapEvent(String place, long epochMicros, Frame frame, long missed) {}
