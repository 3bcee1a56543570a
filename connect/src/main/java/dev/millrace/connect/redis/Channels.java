package dev.millrace.connect.redis;

/// The names that instances share in Redis.
final class Channels {
  static final String BUS = "wse:";
  static final String LIVE = "millrace:live:";
  static final String PRESENCE = "millrace:presence";
  static final String DEAD_LETTERS = "wse:dlq:";
  static final String STREAM = "millrace:topic:";
  static final String STREAM_POSITION = "millrace:position:";
  static final String STREAM_IDS = "millrace:ids:";

  private Channels() {}
}
