package dev.millrace.connect.redis;

import dev.millrace.hub.Message;
import org.jspecify.annotations.Nullable;

/// What a message looks like on the bus. Called on the broker's thread; must not block.
public interface BusCodec {

  /// The payload that is published; `message` has an id.
  byte[] encode(String topic, Message message);

  /// The message in a payload that anybody may have published, or null when it is none. `nowMillis`
  /// is the time of one that brings none.
  @Nullable Message decode(String topic, byte[] payload, long nowMillis);

  /// Makes a message of a JSON value that is no envelope, for [EnvelopeCodec].
  @FunctionalInterface
  interface RawEvents {
    /// The whole value as the payload, typed like its topic.
    RawEvents WHOLE =
        (topic, value, object, nowMillis) -> Message.of(topic, value, object, nowMillis);

    /// `value` is one well-formed JSON value; null refuses it.
    @Nullable Message message(String topic, byte[] value, boolean object, long nowMillis);
  }
}
