package dev.millrace.hub;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Where the instances of a cluster keep what connections of a user leave to its next one,
/// whichever instance that comes to. What is kept is taken once, and only when the connection that
/// left it has ended, or its instance has died without a word. Safe from any thread; never blocks.
public interface UserShelf {
  /// A place for one connection of the user, or null if so many of its connections have one here
  /// that there is none left.
  @Nullable Place place(String user);

  /// Takes what was left last. Fails if nobody can be asked, or does not answer in time.
  CompletionStage<Taken> take(String user);

  /// Goes up when what places hold may have been lost: whoever has one is to hold it anew.
  int generation();

  /// What there was.
  sealed interface Taken {
    /// It is kept no more.
    record Found(byte[] what) implements Taken {}

    record Nothing() implements Taken {}

    /// What there is belongs to connections that may be alive.
    record InUse() implements Taken {}
  }

  /// What one connection leaves. Safe from any thread; calls take effect in their order.
  interface Place {
    /// What is left if the instance dies now; instead of what was held before. False if there is no
    /// room for it, and nothing is held.
    boolean hold(byte[] what, Terms terms);

    /// The connection has ended. Completes when `what` is kept, and fails if it is not.
    CompletionStage<?> leave(byte[] what, Terms terms);

    /// Nothing is left.
    void clear();
  }

  /// For how long what was left is kept, and how many bytes this instance keeps at most.
  record Terms(Duration grace, long bytes) {}
}
