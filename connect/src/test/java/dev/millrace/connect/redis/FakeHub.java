package dev.millrace.connect.redis;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.hub.Broker;
import dev.millrace.hub.Message;
import dev.millrace.hub.Publication;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.hub.Receipt;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Takes what is delivered, and notes it as `topic:payload`, with `@epoch.offset` where there is a
/// place.
final class FakeHub implements Broker.Delivery {
  private final List<String> delivered = new ArrayList<>(); // guarded by this
  volatile boolean full;
  volatile int keeps;

  @Override
  public synchronized PublishOutcome deliver(Publication publication) {
    var first = publication.first();
    if (full) {
      return new PublishOutcome.Full();
    }
    for (var message : publication.messages()) {
      if (message.type().equals("bad")) {
        return new PublishOutcome.Refused(
            Problem.error("E_MESSAGE_NAME", Location.of("test"), "bad", null));
      }
    }
    long offset = first == null ? 0 : first.offset();
    for (var message : publication.messages()) {
      delivered.add(
          publication.topic()
              + ':'
              + text(message)
              + (first == null ? "" : "@" + first.epoch() + '.' + offset++));
    }
    if (publication.messages().isEmpty() && first != null) {
      delivered.add(publication.topic() + ":-@" + first.epoch() + '.' + offset);
    }
    if (publication.receipt() != null) {
      publication.receipt().complete(new Receipt.Appended(1, delivered.size(), 0));
    }
    return new PublishOutcome.Accepted(publication.messages().size());
  }

  @Override
  public int keeps(String topic) {
    return keeps;
  }

  synchronized List<String> delivered() {
    return List.copyOf(delivered);
  }

  synchronized int count() {
    return delivered.size();
  }

  static String text(Message message) {
    return new String(message.payload(), StandardCharsets.UTF_8);
  }

  static Message number(int number) {
    return Message.of(
        "event", ("{\"n\":" + number + "}").getBytes(StandardCharsets.UTF_8), true, 1_000);
  }

  /// Payloads are objects, so that they look the same after the bus.
  static Message object(String key) {
    return Message.of(
        "event", ("{\"" + key + "\":1}").getBytes(StandardCharsets.UTF_8), true, 1_000);
  }
}
