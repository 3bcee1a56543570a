package dev.millrace.hub;

/// A complete frame that was made on another thread. `timestampAt` is what [WireForm#encode] would
/// return for it, `saved` the bytes by which it is smaller than it would be otherwise. The bytes
/// must not change any more.
@SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
public record MadeFrame(byte[] bytes, int timestampAt, int saved) {}
