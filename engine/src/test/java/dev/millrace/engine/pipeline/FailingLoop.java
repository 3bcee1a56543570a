package dev.millrace.engine.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What supervision comes to, as a plain loop over the frames: the model the engine is compared
/// with. Time stands still, so that a circuit once open stays open.
final class FailingLoop {
  final List<Long> out = new ArrayList<>();
  final List<Long> letters = new ArrayList<>();
  long errors;
  long handled;
  long retries;
  long restarts;
  long skipped;
  long defaulted;
  long rejected;
  boolean failed;

  /// `retriesAllowed` per frame; `threshold` of a breaker, 0 for none; `policy` by its name.
  FailingLoop(
      long frames, Map<Long, Integer> faults, int retriesAllowed, int threshold, String policy) {
    int inARow = 0;
    boolean open = false;
    for (long sequence = 1; sequence <= frames && !failed; sequence++) {
      if (open) {
        rejected++;
        decide(sequence, policy);
        continue;
      }
      int faultsLeft = faults.getOrDefault(sequence, 0);
      int attempts = 0;
      while (faultsLeft > 0 && attempts <= retriesAllowed) {
        attempts++;
        faultsLeft--;
        errors++;
        inARow++;
        if (attempts <= retriesAllowed) {
          retries++;
          restarts++;
        }
      }
      open = threshold > 0 && inARow >= threshold;
      if (attempts > retriesAllowed) {
        decide(sequence, policy);
      } else {
        inARow = 0;
        handled++;
        out.add(sequence);
      }
    }
  }

  private void decide(long sequence, String policy) {
    letters.add(sequence);
    switch (policy) {
      case "Propagate" -> failed = true;
      case "SkipFrame" -> skipped++;
      case "Forward" -> {
        skipped++;
        out.add(sequence);
      }
      default -> {
        defaulted++;
        out.add(sequence);
      }
    }
  }
}
