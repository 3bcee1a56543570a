package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/// Publishes on one channel of Redis, pipelined: it does not wait for the answers, which are the
/// number of receivers. Confined to the load's thread.
final class RedisPublisher extends RedisConnection implements Publishing {
  private final Outgoing out = new Outgoing();
  private final byte[] command;
  private final int markerAt;
  private int published;

  RedisPublisher(Target target, String channel, Selector selector, int payloadBytes)
      throws IOException {
    super(target, channel, selector, "+PONG\r\n", "PING");
    var payload = new String(Publishing.payload(payloadBytes), StandardCharsets.US_ASCII);
    command = command("PUBLISH", channel, payload);
    markerAt = command.length - 2 - payloadBytes + PREFIX_BYTES;
  }

  @Override
  public int published() {
    return published;
  }

  @Override
  public boolean offer(long nanos) {
    if (!out.hasRoomFor(command.length)) {
      return false;
    }
    int start = out.bytes.position();
    out.bytes.put(command);
    Marker.write(out.bytes, start + markerAt, published++, nanos);
    return true;
  }

  @Override
  public void flush() throws IOException {
    out.flush(socket, key);
  }

  @Override
  void writable() throws IOException {
    flush();
  }

  /// Answers are `:N` lines; what they add up to, the subscribers know better.
  @Override
  int consume(ByteBuffer bytes, int at, int end) throws IOException {
    int line = at;
    for (int i = at; i < end; i++) {
      if (bytes.get(i) == '\n') {
        if (bytes.get(line) != ':') {
          throw complaint("publish", bytes, line, end);
        }
        line = i + 1;
      }
    }
    return line;
  }
}
