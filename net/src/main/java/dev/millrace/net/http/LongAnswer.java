package dev.millrace.net.http;

/// An answer that is not written at once. The connection hears of its end by [HttpConnection#sent]
/// or [HttpConnection#sendingFailed]. Confined to the loop.
sealed interface LongAnswer permits FileAnswer, LiveAnswer, PushAnswer {

  /// Begins to send, unless `limit` of its kind are on their way: then what the body comes from is
  /// disposed of, and this returns false. The connection may hear of the end before this returns.
  boolean begin(int limit);

  /// The client is gone, or has taken nothing for too long.
  void abandon();

  /// Whether the connection reads on meanwhile, to hear when the client leaves.
  default boolean watchesClient() {
    return false;
  }
}
