package dev.millrace.connect.redis;

import dev.millrace.hub.Message;
import dev.millrace.hub.Receipt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One message of this instance on its way to Redis and back. Confined to the broker's thread.
final class Outgoing {
  final MessageKey key;
  final Message message;
  final byte[] payload;
  final long sentNanos;
  @Nullable CompletableFuture<Receipt> receipt; // of a publication of which it is the last
  boolean taken; // Redis said so
  boolean served; // it came back, or was delivered here without

  Outgoing(MessageKey key, Message message, byte[] payload, long sentNanos) {
    this.key = key;
    this.message = message;
    this.payload = payload;
    this.sentNanos = sentNanos;
  }
}
