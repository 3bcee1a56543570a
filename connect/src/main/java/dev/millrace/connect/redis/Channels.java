package dev.millrace.connect.redis;

/// The names that instances share in Redis.
final class Channels {
  static final String BUS = "wse:";
  static final String LIVE = "millrace:live:";
  static final String PRESENCE = "millrace:presence";

  /// Each instance listens on its own, on which nobody ever publishes: as long as somebody listens,
  /// it is alive.
  static final String INSTANCE = "millrace:instance:";

  /// A sorted set of instances, by the moment at which what they keep has expired.
  static final String INSTANCES = "millrace:instances";

  /// A hash per instance: what connections of users leave.
  static final String LEFT = "millrace:left:";

  static final String DEAD_LETTERS = "wse:dlq:";
  static final String STREAM = "millrace:topic:";
  static final String STREAM_POSITION = "millrace:position:";
  static final String STREAM_IDS = "millrace:ids:";

  private Channels() {}
}
