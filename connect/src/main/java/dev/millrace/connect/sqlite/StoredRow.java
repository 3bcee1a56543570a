package dev.millrace.connect.sqlite;

import org.jspecify.annotations.Nullable;

/// One row of `records` before it is stored. `message` is the event's JSON, verbatim UTF-8;
/// `sequence` is that of its frame.
record StoredRow(
    long sequence, @Nullable String atUri, @Nullable String did, long timeUs, byte[] message) {}
