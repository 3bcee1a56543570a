package dev.millrace.hub;

/// The broker's way into a hub. Safe from any thread.
record FromElsewhere(Hub hub) implements Broker.Delivery {
  @Override
  public PublishOutcome deliver(Publication publication) {
    return hub.deliverFromElsewhere(publication);
  }

  @Override
  public int keeps(String topic) {
    var retention = hub.settings(topic).retention();
    return retention == null ? 0 : retention.messages();
  }
}
