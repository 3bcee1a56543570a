package dev.millrace.connect.sqlite;

import dev.millrace.connect.jetstream.EventReading;
import dev.millrace.connect.jetstream.JetstreamEvent;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.SourcePosition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which frames become rows, and which rows may be committed. Confined to the sink's
/// thread.
///
/// Frames do not say which stream they belong to. Behind one exact stream that needs no saying: its
/// frames are known by their sequence. Behind a stream that repeats itself, or behind several,
/// duplicates are known by delivery key.
final class Intake {
  private final RewindWindow window;
  private final Map<String, Long> resumed = new HashMap<>(); // what earlier runs have committed
  private final Set<String> streams = new HashSet<>(); // that this run hears of
  private @Nullable SourcePosition last;
  private boolean repeats;

  Intake(RewindWindow window) {
    this.window = window;
  }

  /// What becomes of a frame.
  sealed interface Verdict {
    Verdict ALREADY_STORED = new AlreadyStored();
    Verdict DUPLICATE = new Duplicate();

    record Store(StoredRow row) implements Verdict {}

    /// An earlier run has committed it.
    record AlreadyStored() implements Verdict {}

    /// It came before, within the rewind window.
    record Duplicate() implements Verdict {}

    record Refuse(String reason, String sentence) implements Verdict {}
  }

  void restore(StoreWriter.Stored stored) {
    resumed.putAll(stored.positions());
    window.restore(stored.keys());
  }

  /// The ordinal an earlier run committed, or null. Whoever asks will send this stream.
  @Nullable Long committed(String stream) {
    streams.add(stream);
    return resumed.get(stream);
  }

  /// A batch ended at `position`.
  void reached(SourcePosition position) {
    streams.add(position.stream());
    repeats |= position.repeats();
    last = position;
  }

  /// Whether frames can be judged yet: if a stream was announced, not before its first position has
  /// said of what kind it is.
  boolean knowsItsStreams() {
    return last != null || streams.isEmpty();
  }

  /// `latestUs` is the latest time an event can sensibly bear.
  Verdict judge(Frame frame, long latestUs) {
    var exact = exactPosition();
    if (exact != null && frame.sequence() <= resumed.getOrDefault(exact.stream(), Long.MIN_VALUE)) {
      return Verdict.ALREADY_STORED;
    }
    if (!(frame.body() instanceof Body.JsonBytes json)) {
      return new Verdict.Refuse("not_json", "frame " + frame.sequence() + " holds no JSON");
    }
    return switch (json.view(JetstreamEvent.VIEW)) {
      case JetstreamEvent event -> {
        boolean keyed = last != null && exact == null;
        yield keyed && !window.add(event.deliveryKey(), event.timeUs(), latestUs)
            ? Verdict.DUPLICATE
            : new Verdict.Store(
                new StoredRow(
                    frame.sequence(), event.atUri(), event.did(), event.timeUs(), json.bytes()));
      }
      case EventReading.Malformed malformed ->
          malformed.reason() == EventReading.Reason.NOT_JSON
              ? new Verdict.Refuse(malformed.reason().label(), malformed.sentence())
              : new Verdict.Store(
                  new StoredRow(
                      frame.sequence(), null, null, frame.timestampMicros(), json.bytes()));
    };
  }

  /// Rows up to this sequence may be committed together with the positions reached. A row beyond
  /// the position of its exact stream must wait for it: after a crash it would be read again.
  long committableSequence() {
    var exact = exactPosition();
    return exact == null ? Long.MAX_VALUE : exact.ordinal();
  }

  private @Nullable SourcePosition exactPosition() {
    return repeats || streams.size() > 1 ? null : last;
  }
}
