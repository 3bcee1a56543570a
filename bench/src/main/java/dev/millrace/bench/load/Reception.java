package dev.millrace.bench.load;

import java.nio.ByteBuffer;

/// What one subscriber has received: that everything came once and in order. Confined to the load's
/// thread.
final class Reception {
  private final Ledger ledger;
  private boolean seen;
  private int awaited;

  Reception(Ledger ledger) {
    this.ledger = ledger;
  }

  /// The message whose marker stands at `marker` came in a read that returned at `now`.
  void delivered(ByteBuffer bytes, int marker, long now) {
    int sequence = Marker.sequence(bytes, marker);
    if (sequence == awaited && seen) {
      awaited++;
      ledger.inSequence();
      if (ledger.wantsTime()) {
        ledger.time(now - Marker.nanos(bytes, marker));
      }
    } else {
      outOfSequence(sequence);
    }
  }

  private void outOfSequence(int sequence) {
    if (!seen) {
      seen = true;
      ledger.first(sequence);
    } else if (sequence > awaited) {
      ledger.skipped(sequence - awaited);
    } else {
      ledger.again();
      return;
    }
    awaited = sequence + 1;
  }
}
