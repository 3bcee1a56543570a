package dev.millrace.gateway.wse;

/// Messages that go to others: `publish`, and every type that is the application's own.
final class PublishMessages {
  private PublishMessages() {}

  /// Publishes the payload's `payload` on its `topic`.
  static void publish(WseSession session, Inbound.Request request) {
    var counters = session.context().counters;
    counters.publishes.inc();
    var publisher = session.publisher();
    if (!publisher.mayPublish()) {
      counters.publishForbidden.inc();
      session.error(request, "FORBIDDEN", "Publishing needs the role publisher");
      return;
    }
    switch (PublishRequest.read(request, session.context().frames.now())) {
      case PublishRequest.Outcome.Wrong(var why) -> {
        counters.publishRefused.inc();
        session.error(request, "INVALID_MESSAGE", why);
      }
      case PublishRequest.Outcome.Read(var read) ->
          publisher.add(read.topic(), read.message(), request.correlationId());
    }
  }

  /// Hands a message of the application's own to the programs that listen to
  /// `client:<user_id>:messages`: who sent it, what, and the whole envelope.
  static void tell(WseSession session, Inbound.Request request) {
    session.publisher().tell(request);
  }
}
