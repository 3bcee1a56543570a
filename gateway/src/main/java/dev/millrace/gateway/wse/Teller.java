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
  private int told; // since the last flush, to whomever
  private int unheard; // of these, if nobody listened
  private int unwanted; // of these, if no program takes any
  private boolean heard; // asked with the first of them
  private boolean wanted;

  Teller(WseSession session) {
    this.session = session;
    var user = session.userId();
    this.topic = "client:" + user + ":messages";
    this.retelling = new Retelling(user, session.connectionId(), session.client().facts());
  }

  void tell(Inbound.Request request) {
    var context = session.context();
    if (told++ == 0) {
      heard = context.hub.isHeard(topic);
      wanted = context.inbound.isWanted();
    }
    if (heard || wanted) {
      tell(request, context.frames.now());
    }
    unheard += heard ? 0 : 1;
    unwanted += wanted ? 0 : 1;
    if (told == BATCH) {
      flush();
    }
  }

  private void tell(Inbound.Request request, long now) {
    if (wanted) {
      session.tellPrograms(request, retelling.connectionId(), now);
    }
    if (heard) {
      var messages = batch;
      if (messages == null) {
        messages = new ArrayList<>(before);
        batch = messages;
      }
      messages.add(retelling.of(request, session.client().facts(), now));
    }
  }

  void flush() {
    if (told == 0) {
      return;
    }
    var context = session.context();
    context.counters.unknown.inc(told);
    told = 0;
    if (unwanted > 0) {
      context.inbound.missed(unwanted);
      unwanted = 0;
    }
    if (unheard > 0) {
      int count = unheard;
      unheard = 0;
      if (!(context.hub.publishUnheard(topic, count) instanceof PublishOutcome.Accepted)) {
        context.counters.untold.inc(count);
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
