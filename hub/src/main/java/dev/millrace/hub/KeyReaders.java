package dev.millrace.hub;

/// Which key the messages of a topic have. Called on any loop, once per conflating subscription.
@FunctionalInterface
public interface KeyReaders {
  /// Every topic is its own key.
  KeyReaders BY_TOPIC = topic -> KeyReader.TOPIC;

  KeyReader of(String topic);
}
