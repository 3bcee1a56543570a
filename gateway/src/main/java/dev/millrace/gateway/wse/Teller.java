package dev.millrace.gateway.wse;

import dev.millrace.hub.Message;
import dev.millrace.hub.PublishOutcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells programs of one client's messages: those at the door for programs, and those that listen
/// to `client:<user_id>:messages`. While nobody listens there, messages are counted and not made.
/// Confined to the connection's loop.
final class Teller {
  private static final int BATCH = 256;

  private final WseSession session;
  private final String topic;
  private final Retelling retelling;
  private @Nullable List<Message> batch; // since the last flush, if somebody listened
  private int before = 2; // how many the last batch had
  private int unheard; // since the last flush, if nobody did
  private boolean asked; // since the last flush, whether somebody listens
  private boolean heard;

  Teller(WseSession session) {
    this.session = session;
    var user = session.userId();
    this.topic = "client:" + user + ":messages";
    this.retelling = new Retelling(user, session.connectionId(), session.client().facts());
  }

  void tell(Inbound.Request request) {
    var context = session.context();
    long now = context.frames.now();
    session.tellPrograms(request, retelling.connectionId(), now);
    if (!asked) {
      asked = true;
      heard = context.hub.isHeard(topic);
    }
    if (!heard) {
      if (++unheard == BATCH) {
        flush();
      }
      return;
    }
    var messages = batch;
    if (messages == null) {
      messages = new ArrayList<>(before);
      batch = messages;
    }
    messages.add(retelling.of(request, session.client().facts(), now));
    if (messages.size() == BATCH) {
      flush();
    }
  }

  void flush() {
    asked = false;
    var hub = session.context().hub;
    if (unheard > 0) {
      int count = unheard;
      unheard = 0;
      if (!(hub.publishUnheard(topic, count) instanceof PublishOutcome.Accepted)) {
        session.context().counters.untold.inc(count);
      }
    }
    var messages = batch;
    if (messages != null) {
      batch = null;
      before = messages.size();
      publish(messages);
    }
  }

  private void publish(List<Message> messages) {
    var hub = session.context().hub;
    switch (hub.publish(topic, messages)) {
      case PublishOutcome.Accepted _ -> {}
      case PublishOutcome.Refused _ when messages.size() > 1 -> {
        // A batch is taken whole or not at all; the message that spoils it must not harm others.
        for (var message : messages) {
          if (!(hub.publish(topic, List.of(message)) instanceof PublishOutcome.Accepted)) {
            session.context().counters.untold.inc();
          }
        }
      }
      case PublishOutcome.Refused _, PublishOutcome.Full _ ->
          session.context().counters.untold.inc(messages.size());
    }
  }
}
