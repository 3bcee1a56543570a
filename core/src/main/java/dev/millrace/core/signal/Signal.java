package dev.millrace.core.signal;

/// Something that happened in the process and that others may want to know: a record that
/// implements this. Signals carry facts, never work: whoever misses one reconciles later.
///
/// Operators see a signal as an event: its type is the record's simple name, its payload the
/// components in `snake_case`.
public interface Signal {}
