package dev.millrace.core.route;

import org.jspecify.annotations.Nullable;

/// A body that comes into being while it is sent, such as a line for each thing that happens. It is
/// asked for more only when the client has taken what there was, so a slow client costs one part of
/// memory; what happens meanwhile is the stream's to keep within bounds, or to leave out.
public interface BodyStream extends AutoCloseable {

  /// The next bytes, waiting for them as long as it takes; null at the end. An exception breaks the
  /// answer off. One thread at a time asks, a virtual one.
  byte @Nullable [] next() throws Exception;

  /// No more is wanted: the client has gone, or may no longer have it. Whoever waits in [#next]
  /// returns, with a few last bytes or none. From any thread, more than once; never waits.
  @Override
  void close();
}
