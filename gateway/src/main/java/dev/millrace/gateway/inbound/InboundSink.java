package dev.millrace.gateway.inbound;

import dev.millrace.hub.Message;

/// Where the messages go that a dialect has no use for itself. Safe from any thread; never waits.
public interface InboundSink {
  /// Takes nothing.
  InboundSink NOWHERE =
      new InboundSink() {
        @Override
        public boolean isWanted() {
          return false;
        }

        @Override
        public void introduce(String user, String connection, Respondent respondent) {}

        @Override
        public void missed(int messages) {}

        @Override
        public boolean offer(ClientMessage message) {
          return false;
        }

        @Override
        public void gone(String connection) {}
      };

  /// A connection that programs may answer.
  @FunctionalInterface
  interface Respondent {
    /// Sends a message to this connection alone. From any thread; lost if it has gone.
    void respond(Message message);
  }

  /// Whether anybody takes messages now.
  boolean isWanted();

  /// Counts messages that were not offered, because nobody takes any.
  void missed(int messages);

  /// Makes a connection known, once, before its first message; [#gone] must follow.
  void introduce(String user, String connection, Respondent respondent);

  /// Takes a message, or counts it as dropped and returns false.
  boolean offer(ClientMessage message);

  /// A connection that was introduced has gone.
  void gone(String connection);
}
