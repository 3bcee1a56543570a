package dev.millrace.hub;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Messages on their way to one topic, in order. `receipt`, if any, is completed by the topic's
/// loop.
///
/// `first` is the place of the first message where places are given by somebody else, for all
/// instances; the others follow it one by one. No message at a place: the one that belongs there
/// has been delivered before, and the log goes on after it. Without a place the topic gives the
/// next.
///
/// What is `past` was published before the topic came into being here: it is kept, and sent to
/// those who ask for it.
public record Publication(
    String topic,
    List<Message> messages,
    @Nullable CompletableFuture<Receipt> receipt,
    @Nullable Position first,
    boolean past) {
  public Publication {
    messages = messages instanceof Repeated ? messages : List.copyOf(messages);
  }

  /// Messages whose places the topic gives.
  public Publication(
      String topic, List<Message> messages, @Nullable CompletableFuture<Receipt> receipt) {
    this(topic, messages, receipt, null, false);
  }

  /// Messages to look at who wants to know something of all: of those that are all the same, one.
  List<Message> differing() {
    return messages instanceof Repeated same && !same.isEmpty()
        ? List.of(same.message())
        : messages;
  }

  /// Whether all of it goes to nobody.
  boolean isUnheard() {
    return messages instanceof Repeated same && same.message().isUnheard();
  }

  long waitingBytes() {
    if (messages instanceof Repeated same) {
      return (long) same.size() * same.message().waitingBytes();
    }
    long bytes = 0;
    for (var message : messages) {
      bytes += message.waitingBytes();
    }
    return bytes;
  }
}
