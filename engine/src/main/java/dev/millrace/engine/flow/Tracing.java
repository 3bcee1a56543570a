package dev.millrace.engine.flow;

import java.util.function.IntSupplier;

/// What the stages of one run share about trace ids. Ids come in at the sources, so frames are
/// looked at there; as long as none has borne an id, no other stage looks at any.
public final class Tracing {
  private final String pipeline;
  private final IntSupplier every;

  // Set by the first source one of whose frames bears an id, before the frame goes on; a stage
  // reads it once per batch.
  private volatile boolean begun;

  /// One in `every` frames of each source is to be traced; 0 for none. Asked once per poll.
  public Tracing(String pipeline, IntSupplier every) {
    this.pipeline = pipeline;
    this.every = every;
  }

  String pipeline() {
    return pipeline;
  }

  int every() {
    return every.getAsInt();
  }

  boolean begun() {
    return begun;
  }

  void begin() {
    begun = true;
  }
}
