package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Publishes `{"m":"…"}` of a fixed size on one topic, numbered from 0, whatever the protocol.
sealed interface Publishing permits Publisher, RedisPublisher {
  /// Bytes in front of the marker.
  int PREFIX_BYTES = 6;

  /// Messages published so far; the next one has this number.
  int published();

  /// Puts one message, due at `nanos`, into the output if there is room for it.
  boolean offer(long nanos);

  /// Writes what was offered, as far as the socket takes it.
  void flush() throws IOException;

  boolean isAlive();

  /// A message of `bytes` with nothing yet where the marker goes.
  static byte[] payload(int bytes) {
    return ("{\"m\":\"" + "x".repeat(bytes - PREFIX_BYTES - 2) + "\"}")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
