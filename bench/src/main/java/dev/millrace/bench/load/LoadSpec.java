package dev.millrace.bench.load;

import dev.millrace.bench.websocket.FrameHeader;
import java.time.Duration;

/// One load: who listens, what is said, for how long. `payloadBytes` is what the publisher puts
/// into a frame; `patience` bounds each of connecting, the first delivery to everybody, and the
/// last.
public record LoadSpec(
    int subscribers,
    int payloadBytes,
    Pace pace,
    Duration warmUp,
    Duration measured,
    Duration patience) {

  /// The smallest payload: `{"m":"` + marker + `"}`.
  public static final int MIN_PAYLOAD_BYTES = Publisher.PREFIX_BYTES + Marker.BYTES + 2;

  /// The largest payload: half of what a frame may have, the rest is the server's for an envelope.
  public static final int MAX_PAYLOAD_BYTES = FrameHeader.MAX_PAYLOAD_BYTES / 2;

  public LoadSpec {
    if (subscribers < 1) {
      throw new IllegalArgumentException("subscribers " + subscribers + " < 1");
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

  public LoadSpec withSubscribers(int count) {
    return new LoadSpec(count, payloadBytes, pace, warmUp, measured, patience);
  }

  public LoadSpec withPayloadBytes(int bytes) {
    return new LoadSpec(subscribers, bytes, pace, warmUp, measured, patience);
  }

  public LoadSpec withTimes(Duration newWarmUp, Duration newMeasured) {
    return new LoadSpec(subscribers, payloadBytes, pace, newWarmUp, newMeasured, patience);
  }
}
