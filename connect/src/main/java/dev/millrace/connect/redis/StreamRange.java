package dev.millrace.connect.redis;

import java.util.List;

/// A piece of a topic's stream: its epoch now, 0 if there is no stream; the offset of its last
/// message; and payloads, oldest first.
record StreamRange(int epoch, long lastOffset, List<Entry> entries) {

  record Entry(long offset, byte[] payload) {}
}
