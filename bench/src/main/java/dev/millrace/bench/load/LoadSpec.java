package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import java.time.Duration;

/// One load: who listens, what is said, for how long. `subscribers` are spread evenly over
/// `topics`; `slowReaders` come on top of them, on the first topic, and read at a hundredth of the
/// others' rate. `payloadBytes` is what a publisher puts into a frame; `patience` bounds each of
/// connecting, the first delivery to everybody, and the last.
public record LoadSpec(
    int subscribers,
    int topics,
    int slowReaders,
    int payloadBytes,
    Pace pace,
    Duration warmUp,
    Duration measured,
    Duration patience) {

  /// The smallest payload: `{"m":"` + marker + `"}`.
  public static final int MIN_PAYLOAD_BYTES = Publishing.PREFIX_BYTES + Marker.BYTES + 2;

  /// The largest payload: half of what a frame may have, the rest is the server's for an envelope.
  public static final int MAX_PAYLOAD_BYTES = FrameHeader.MAX_PAYLOAD_BYTES / 2;

  public LoadSpec {
    if (subscribers < 1) {
      throw new IllegalArgumentException("subscribers " + subscribers + " < 1");
    }
    if (topics < 1 || topics > subscribers) {
      throw new IllegalArgumentException(
          "topics %d outside 1…%d, one subscriber each".formatted(topics, subscribers));
    }
    if (slowReaders < 0) {
      throw new IllegalArgumentException("slowReaders " + slowReaders + " < 0");
    }
    if (payloadBytes < MIN_PAYLOAD_BYTES || payloadBytes > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "payloadBytes %d outside %d…%d"
              .formatted(payloadBytes, MIN_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES));
    }
    if (warmUp.isNegative() || measured.isNegative() || !patience.isPositive()) {
      throw new IllegalArgumentException(
          "negative time: warmUp " + warmUp + ", measured " + measured + ", patience " + patience);
    }
  }

  /// One topic, nobody slow.
  public LoadSpec(
      int subscribers,
      int payloadBytes,
      Pace pace,
      Duration warmUp,
      Duration measured,
      Duration patience) {
    this(subscribers, 1, 0, payloadBytes, pace, warmUp, measured, patience);
  }

  /// On one topic.
  public LoadSpec withSubscribers(int count) {
    return new LoadSpec(count, 1, slowReaders, payloadBytes, pace, warmUp, measured, patience);
  }

  public LoadSpec withTopics(int count) {
    return new LoadSpec(
        subscribers, count, slowReaders, payloadBytes, pace, warmUp, measured, patience);
  }

  public LoadSpec withSlowReaders(int count) {
    return new LoadSpec(subscribers, topics, count, payloadBytes, pace, warmUp, measured, patience);
  }

  public LoadSpec withPace(Pace newPace) {
    return new LoadSpec(
        subscribers, topics, slowReaders, payloadBytes, newPace, warmUp, measured, patience);
  }

  public LoadSpec withPayloadBytes(int bytes) {
    return new LoadSpec(subscribers, topics, slowReaders, bytes, pace, warmUp, measured, patience);
  }

  public LoadSpec withTimes(Duration newWarmUp, Duration newMeasured) {
    return new LoadSpec(
        subscribers, topics, slowReaders, payloadBytes, pace, newWarmUp, newMeasured, patience);
  }
}
