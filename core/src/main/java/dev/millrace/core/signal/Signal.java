package dev.millrace.core.signal;

/// Something that happened in the process and that others may want to know: a record that
/// implements this. Signals carry facts, never work: whoever misses one reconciles later.
public interface Signal {}
