package dev.millrace.core.frame;

import java.nio.charset.StandardCharsets;

/// One thing that flows: immutable, shared freely between branches and threads.
///
/// `timestampMicros` is microseconds since the Unix epoch, as the source gives it. `sequence` is
/// the source's ordinal: it never falls within one stream, and a frame derived from another keeps
/// it, so that a sink can tell what it has already stored (see `SourcePosition`).
public record Frame(long timestampMicros, long sequence, Body body, Metadata metadata) {

  /// A frame of JSON bytes; the array is kept, not copied.
  public static Frame json(long timestampMicros, long sequence, byte[] bytes) {
    return new Frame(timestampMicros, sequence, new Body.JsonBytes(bytes), Metadata.NONE);
  }

  /// A frame of JSON text, for tests and small producers.
  public static Frame json(long timestampMicros, long sequence, String text) {
    return json(timestampMicros, sequence, text.getBytes(StandardCharsets.UTF_8));
  }

  /// An empty frame, as a trigger sends it.
  public static Frame trigger(long timestampMicros, long sequence) {
    return new Frame(timestampMicros, sequence, Body.EMPTY, Metadata.NONE);
  }

  public Frame withBody(Body newBody) {
    return new Frame(timestampMicros, sequence, newBody, metadata);
  }

  public Frame withMetadata(Metadata newMetadata) {
    return new Frame(timestampMicros, sequence, body, newMetadata);
  }

  /// The same with samples of its own, for a node that keeps it beyond the call it came in.
  public Frame detach() {
    return body instanceof Samples samples && samples.lent() ? withBody(samples.detach()) : this;
  }
}
