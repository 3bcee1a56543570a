package dev.millrace.engine.flow;

import dev.millrace.core.frame.Frame;
import dev.millrace.engine.provenance.Provenance;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// What the stages of one run share about trace ids. Ids come in at the sources, so frames are
/// looked at there; as long as none has borne an id, no other stage looks at any.
public final class Tracing {
  private final String pipeline;
  private final IntSupplier every;
  private final @Nullable Provenance provenance; // null where nobody asks what became of frames

  // Set by the first source one of whose frames bears an id, or by whoever replays a frame, before
  // the frame goes on; a stage reads it once per batch.
  private volatile boolean begun;

  /// One in `every` frames of each source is to be traced; 0 for none. Asked once per poll.
  public Tracing(String pipeline, IntSupplier every) {
    this(pipeline, every, null);
  }

  /// What becomes of traced frames is told to `provenance`.
  public Tracing(String pipeline, IntSupplier every, @Nullable Provenance provenance) {
    this.pipeline = pipeline;
    this.every = every;
    this.provenance = provenance;
  }

  String pipeline() {
    return pipeline;
  }

  @Nullable Provenance provenance() {
    return provenance;
  }

  int every() {
    return every.getAsInt();
  }

  boolean begun() {
    return begun;
  }

  /// From now on frames may bear ids.
  public void begin() {
    begun = true;
  }

  /// An id of 16 hex digits.
  public static String freshId() {
    return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /// The edge from `node` to `edgeTo` had no room for the frame.
  void dropped(String node, String edgeTo, Frame frame, String why) {
    var traced = provenance == null || !begun ? null : Traces.idOf(frame);
    if (provenance != null && traced != null) {
      provenance.dropped(node, edgeTo, traced, frame, why);
    }
  }
}
