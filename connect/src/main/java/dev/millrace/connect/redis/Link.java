package dev.millrace.connect.redis;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// One connection to Redis, as far as the broker uses it: commands one way, what is received the
/// other. Safe from any thread. Stages complete on a thread of the client, exceptionally when the
/// command failed or the connection ended; commands leave with [#flush] at the latest.
interface Link extends AutoCloseable {

  /// Yields true.
  CompletionStage<Boolean> publish(String channel, byte[] payload);

  /// Appends to the topic's stream and publishes to its channel, once per id; false if the stream
  /// had the id.
  CompletionStage<Boolean> append(String topic, String id, byte[] payload);

  /// What the topic's stream holds after `offset`, oldest first.
  CompletionStage<StreamRange> range(String topic, long offset, int limit);

  /// Where the topic's stream is, without what it holds.
  CompletionStage<StreamRange> position(String topic);

  /// From some time on what is published on the channels is received; [Receiver#subscribed] says
  /// when.
  void subscribe(List<String> channels);

  void unsubscribe(List<String> channels);

  /// The same for all channels of patterns; [Receiver#subscribedPattern] says when.
  void subscribePatterns(List<String> patterns);

  void unsubscribePatterns(List<String> patterns);

  CompletionStage<?> ping();

  /// Puts a dead letter in front of its topic's list.
  CompletionStage<?> bury(String topic, byte[] letter);

  /// The newest dead letters of a topic, newest first.
  CompletionStage<List<byte[]>> buried(String topic, int limit);

  /// Takes one away; the number that were.
  CompletionStage<Long> exhume(String topic, byte[] letter);

  /// Notes what a connection of a user leaves, at one of its `instance`'s places: from now on if
  /// `graceMillis` is more than 0, for so long, and otherwise once the instance is dead.
  CompletionStage<?> keepLeft(LeftPlace at, long graceMillis, byte[] what);

  /// Forgets it.
  CompletionStage<?> dropLeft(LeftPlace at);

  /// Takes the newest that may be taken of a user: an empty list if there is none, one without
  /// bytes if all that there is belongs to connections which may be alive.
  CompletionStage<List<byte[]>> takeLeft(String user);

  /// An instance gives a sign of life: what it keeps expires after `keptMillis`.
  void touchLeft(String instance, long keptMillis);

  /// Topics that have dead letters, `limit` at most.
  CompletionStage<List<String>> graves(int limit);

  void flush();

  boolean isOpen();

  @Override
  void close();

  /// Connects.
  interface Dialer extends AutoCloseable {
    CompletionStage<Link> dial(Receiver receiver);

    @Override
    void close();
  }

  /// Takes what comes; called on a thread of the client, must not block. `ended` comes once.
  interface Receiver {
    void received(String channel, byte[] payload);

    /// What is published on the channel from now on is received.
    void subscribed(String channel);

    /// The same for all channels of a pattern.
    void subscribedPattern(String channels);

    void ended();
  }
}
