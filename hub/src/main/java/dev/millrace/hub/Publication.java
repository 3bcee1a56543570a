package dev.millrace.hub;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Messages on their way to one topic, in order. `receipt`, if any, is completed by the topic's
/// loop.
public record Publication(
    String topic, List<Message> messages, @Nullable CompletableFuture<Receipt> receipt) {
  public Publication {
    messages = List.copyOf(messages);
  }

  long waitingBytes() {
    long bytes = 0;
    for (var message : messages) {
      bytes += message.waitingBytes();
    }
    return bytes;
  }
}
