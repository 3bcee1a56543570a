package dev.millrace.gateway.wse;

/// In which form the hub has the frames of a session. Chosen from the address of the connection and
/// kept: what a client changes later is done to the frames of that form.
enum WireChoice {
  /// As they were published.
  PLAIN,
  /// The long ones compressed, once for all who take them so.
  COMPRESSED,
  /// MessagePack, once for all who take them so.
  PACKED
}
