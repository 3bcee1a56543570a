package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/// Receives what is published on one channel of Redis. All its messages have the same length, so
/// only their beginning and their marker are looked at. Confined to the load's thread.
final class RedisSubscriber extends RedisConnection {
  private final Ledger ledger;
  private final Reception reception;
  private final ByteBuffer head;
  private final int messageBytes;

  RedisSubscriber(Target target, String channel, Selector selector, Ledger ledger, int payloadBytes)
      throws IOException {
    super(
        target,
        channel,
        selector,
        "*3\r\n$9\r\nsubscribe\r\n$" + channel.length() + "\r\n" + channel + "\r\n:1\r\n",
        "SUBSCRIBE",
        channel);
    this.ledger = ledger;
    reception = new Reception(ledger);
    head =
        ByteBuffer.wrap(
            ("*3\r\n$7\r\nmessage\r\n$"
                    + channel.length()
                    + "\r\n"
                    + channel
                    + "\r\n$"
                    + payloadBytes
                    + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    messageBytes = head.capacity() + payloadBytes + 2;
  }

  @Override
  int consume(ByteBuffer bytes, int at, int end) throws IOException {
    long now = System.nanoTime();
    int start = at;
    int marker = head.capacity() + Publishing.PREFIX_BYTES;
    for (; end - at >= messageBytes; at += messageBytes) {
      if (bytes.getLong(at) != head.getLong(0)
          || !Marker.standsAt(bytes, at + marker, at + messageBytes)) {
        throw complaint("subscription", bytes, at, end);
      }
      reception.delivered(bytes, at + marker, now);
    }
    ledger.wireBytes = messageBytes;
    ledger.bytes += at - start;
    return at;
  }

  @Override
  void writable() {
    // It says nothing after its subscription.
  }
}
