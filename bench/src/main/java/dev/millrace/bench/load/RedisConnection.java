package dev.millrace.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/// A client's end of a connection to Redis. Source: the Redis serialization protocol, version 2.
/// Confined to the load's thread.
abstract sealed class RedisConnection extends Connection permits RedisSubscriber, RedisPublisher {
  private final ByteBuffer answer;

  /// Opens with the command `words`; the connection is open when `answer` came to it.
  RedisConnection(Target target, String path, Selector selector, String answer, String... words)
      throws IOException {
    super(target, path, ByteBuffer.wrap(command(words)), selector);
    this.answer = ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  final int greeted(ByteBuffer bytes, int end) throws IOException {
    int length = Math.min(end, answer.capacity());
    if (!bytes.slice(0, length).equals(answer.slice(0, length))) {
      throw complaint("greeting", bytes, 0, end);
    }
    return end < answer.capacity() ? 0 : answer.capacity();
  }

  final IOException complaint(String what, ByteBuffer bytes, int from, int end) {
    var copy = new byte[Math.min(end - from, 64)];
    bytes.get(from, copy);
    return new java.net.ProtocolException(
        "the answer to a "
            + what
            + " on "
            + path
            + " was "
            + new String(copy, StandardCharsets.ISO_8859_1).strip());
  }

  /// An array of bulk strings.
  static byte[] command(String... words) {
    var text = new StringBuilder("*" + words.length + "\r\n");
    for (var word : words) {
      text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
