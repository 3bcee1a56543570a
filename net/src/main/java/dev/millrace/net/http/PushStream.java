package dev.millrace.net.http;

import dev.millrace.core.route.BodyStream;
import org.jspecify.annotations.Nullable;

/// An answer without an end whose owner writes ready bytes to the connection when it likes, on the
/// connection's loop and without a thread of its own: buffers may be shared by many answers. Given
/// as the source of a live response, it is opened once the head is out.
///
/// All calls but [#close] come on the connection's loop.
public interface PushStream extends BodyStream {

  /// The head has been written; `out` is where the body goes.
  void opened(PushAnswer out);

  /// What [PushAnswer#flush] could not send has left.
  void writable();

  /// Nobody asks for parts: whoever does finds the end.
  @Override
  default byte @Nullable [] next() {
    return null;
  }
}
