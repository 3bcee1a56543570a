package dev.millrace.hub;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The way of publications into a hub: what is published here goes to the broker, and what that has
/// delivered, from here or elsewhere, into the inbox of the topic's loop. Safe from any thread.
final class Inlet implements Broker.Delivery {
  private final Hub hub;
  private final HubSpec spec;
  private final Objections objections;
  private final Counters counters;
  private final List<HubShard> shards;
  private final AtomicInteger topics; // of all loops

  // Written by whoever closes the hub.
  private volatile boolean closed;

  Inlet(Hub hub, List<HubShard> shards, AtomicInteger topics) {
    this.hub = hub;
    this.spec = hub.spec();
    this.objections = hub.objections();
    this.counters = hub.counters();
    this.shards = shards;
    this.topics = topics;
  }

  /// What is published here: it goes to the broker, which has it delivered.
  PublishOutcome publish(Publication publication) {
    var objection = objection(publication);
    if (objection != null) {
      return objection;
    }
    if (publication.messages().isEmpty()) {
      var receipt = publication.receipt();
      if (receipt != null) {
        var stats = hub.topic(publication.topic());
        receipt.complete(
            new Receipt.Appended(
                stats.map(TopicStats::epoch).orElse(0),
                stats.map(TopicStats::offset).orElse(0L),
                0));
      }
      return new PublishOutcome.Accepted(0);
    }
    return hub.broker().publish(publication, this::enter);
  }

  /// What others published is checked like what is published here; an empty publication only asks
  /// where the topic is.
  @Override
  public PublishOutcome deliver(Publication publication) {
    var objection = objection(publication);
    return objection != null ? objection : enter(publication);
  }

  /// Into the inbox of the topic's loop.
  PublishOutcome enter(Publication publication) {
    var owner = hub.ownerOf(publication.topic());
    if (topics.get() >= spec.maxTopics() && owner.topics().get(publication.topic()) == null) {
      for (var shard : shards) {
        shard.registrar().sweepSoon();
      }
      counters.refusedTopics.inc(publication.messages().size());
      return objections.tooManyTopics(publication.topic());
    }
    if (!owner.inbox().offer(publication)) {
      counters.refusedInboxFull.inc(publication.messages().size());
      return new PublishOutcome.Full();
    }
    owner.scheduleTurn();
    return new PublishOutcome.Accepted(publication.messages().size());
  }

  private PublishOutcome.@Nullable Refused objection(Publication publication) {
    var objection = objections.to(publication);
    if (objection == null && closed) {
      counters.refusedOther.inc(publication.messages().size());
      return PublishOutcome.Refused.because(
          "E_CLOSED",
          publication.topic(),
          "the server is stopping",
          "Publish to it once it runs again.");
    }
    return objection;
  }

  @Override
  public int keeps(String topic) {
    var retention = hub.settings(topic).retention();
    return retention == null ? 0 : retention.messages();
  }

  /// Takes nothing more.
  void close() {
    closed = true;
  }
}
