package dev.millrace.bench.load;

/// How fast the publisher publishes.
public sealed interface Pace {

  /// As fast as the subscribers receive: deliveries under way are at most `window` per subscriber,
  /// on average over them, so that room comes back while a message is still on its way to the last.
  /// Measures throughput; a larger window lets any server batch more, so only runs of the same
  /// window compare.
  record ClosedLoop(int window) implements Pace {
    public ClosedLoop {
      if (window < 1) {
        throw new IllegalArgumentException("window " + window + " < 1");
      }
    }
  }

  /// At a fixed rate, whatever the subscribers receive. Measures latency, from the moment a message
  /// was due, so that a stalled server is not forgiven the messages that waited for it.
  record OpenLoop(int messagesPerSecond) implements Pace {
    public OpenLoop {
      if (messagesPerSecond < 1) {
        throw new IllegalArgumentException("messagesPerSecond " + messagesPerSecond + " < 1");
      }
    }
  }
}
