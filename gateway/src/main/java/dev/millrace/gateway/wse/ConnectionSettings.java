package dev.millrace.gateway.wse;

/// What a client may set for its connection. Immutable; nearly all connections share one of two.
record ConnectionSettings(
    boolean compression,
    int compressionThreshold,
    int batchSize,
    double batchTimeoutSeconds,
    int maxQueueSize,
    boolean takesBatches) {
  static final int LEAST_THRESHOLD = 512;
  static final int MOST_THRESHOLD = 10_240;
  static final int LEAST_QUEUE = 100;
  static final int MOST_QUEUE = 5_000;

  /// Those of a client that has set nothing.
  static ConnectionSettings first(boolean compression, int threshold) {
    return new ConnectionSettings(compression, threshold, 10, 0.1, 1_000, false);
  }

  ConnectionSettings withCompression(boolean on) {
    return new ConnectionSettings(
        on, compressionThreshold, batchSize, batchTimeoutSeconds, maxQueueSize, takesBatches);
  }

  ConnectionSettings withThreshold(int bytes) {
    return new ConnectionSettings(
        compression, bytes, batchSize, batchTimeoutSeconds, maxQueueSize, takesBatches);
  }

  /// The size is moved to 1…100 and the timeout to 0.01…5 seconds.
  ConnectionSettings withBatch(int size, double timeoutSeconds) {
    return new ConnectionSettings(
        compression,
        compressionThreshold,
        Math.clamp(size, 1, 100),
        Math.clamp(timeoutSeconds, 0.01, 5.0),
        maxQueueSize,
        takesBatches);
  }

  ConnectionSettings withMaxQueueSize(int messages) {
    return new ConnectionSettings(
        compression, compressionThreshold, batchSize, batchTimeoutSeconds, messages, takesBatches);
  }

  /// Whether several events may come in one frame.
  ConnectionSettings withBatches(boolean taken) {
    return new ConnectionSettings(
        compression, compressionThreshold, batchSize, batchTimeoutSeconds, maxQueueSize, taken);
  }

  boolean batches() {
    return takesBatches && batchSize > 1;
  }
}
