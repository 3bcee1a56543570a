package dev.millrace.engine.tap;

/// How much a tap shows: of each place one frame in `every`; of all places together at most
/// `perSecond`, and `limit` in all, 0 for no limit. `queueFrames`, or
/// about `queueBytes` of them, may wait for the reader; beyond that frames are missed.
public record TapOptions(int every, int perSecond, long limit, int queueFrames, long queueBytes) {
  public static final TapOptions DEFAULT = new TapOptions(1, 0, 0, 1_024, 4 << 20);

  /// Most frames that may wait for a reader.
  public static final int MAX_QUEUE_FRAMES = 65_536;

  public TapOptions {
    if (every < 1) {
      throw new IllegalArgumentException("every " + every + " < 1");
    }
    if (perSecond < 0 || limit < 0) {
      throw new IllegalArgumentException("perSecond " + perSecond + " or limit " + limit + " < 0");
    }
    if (queueFrames < 1 || queueFrames > MAX_QUEUE_FRAMES) {
      throw new IllegalArgumentException(
          "queueFrames " + queueFrames + " is not in 1.." + MAX_QUEUE_FRAMES);
    }
    if (queueBytes < 1) {
      throw new IllegalArgumentException("queueBytes " + queueBytes + " < 1");
    }
  }

  public TapOptions withEvery(int newEvery) {
    return new TapOptions(newEvery, perSecond, limit, queueFrames, queueBytes);
  }

  public TapOptions withPerSecond(int newPerSecond) {
    return new TapOptions(every, newPerSecond, limit, queueFrames, queueBytes);
  }

  public TapOptions withLimit(long newLimit) {
    return new TapOptions(every, perSecond, newLimit, queueFrames, queueBytes);
  }

  public TapOptions withQueueFrames(int newQueueFrames) {
    return new TapOptions(every, perSecond, limit, newQueueFrames, queueBytes);
  }

  public TapOptions withQueueBytes(long newQueueBytes) {
    return new TapOptions(every, perSecond, limit, queueFrames, newQueueBytes);
  }
}
