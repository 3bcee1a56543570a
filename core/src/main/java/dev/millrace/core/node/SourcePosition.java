package dev.millrace.core.node;

/// How far a stream has been read: everything up to and including `ordinal` of `stream`.
///
/// `stream` names the content, not the place: a file's content id, a firehose's name. `ordinal`
/// grows along it. A durable sink commits rows and position in one transaction; after a crash the
/// source restarts from the smallest committed position behind it, and a sink that is ahead skips
/// frames whose `sequence` is at or below its own. `repeats` says that a restart may deliver frames
/// at or after the position a second time under other ordinals (a live firehose does), so a sink
/// tells duplicates by the frames' own keys instead.
public record SourcePosition(String stream, long ordinal, boolean repeats) {

  /// A position in a stream that always reads the same way, such as a file.
  public static SourcePosition exact(String stream, long ordinal) {
    return new SourcePosition(stream, ordinal, false);
  }

  /// A position in a stream that may repeat itself after a reconnect.
  public static SourcePosition repeating(String stream, long ordinal) {
    return new SourcePosition(stream, ordinal, true);
  }
}
