package dev.millrace.hub;

/// Reads from a frame the key by which a topic's messages replace one another. A key has `equals`
/// and `hashCode`; frames without one have a key of their own kind in common. Stateless.
@FunctionalInterface
public interface KeyReader extends FrameReader<Object> {
  /// One key for all frames: the latest message of the topic is all that matters.
  KeyReader TOPIC = FrameView::topic;
}
