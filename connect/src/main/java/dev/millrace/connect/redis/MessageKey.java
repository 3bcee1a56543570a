package dev.millrace.connect.redis;

/// A message among all that the bus carries: an id means something within its topic.
record MessageKey(String topic, String id) {}
